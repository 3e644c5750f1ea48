/** A new `Idempotency-Key`: unique, no secret. Keep it with what is sent, to send both again after a crash. */
export function newIdempotencyKey(): string {
  const crypto = globalThis.crypto as Partial<Crypto> | undefined;
  // Missing on pages without https, and in React Native.
  if (crypto?.randomUUID) return crypto.randomUUID();
  const digits = () => Math.random().toString(36).slice(2);
  return `${Date.now().toString(36)}-${digits()}-${digits()}`;
}
