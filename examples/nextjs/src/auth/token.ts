import { authClient } from "./client";

const SPARE_SECONDS = 30;

export type GetToken = (isRefused?: boolean) => Promise<string | null>;

/** Keeps Better Auth's short-lived token for the service in memory, and fetches another before it ends. */
export function tokenSource(onSignedOut: () => void): GetToken {
  let held: string | null = null;
  let flight: Promise<string | null> | null = null;

  async function fetchToken() {
    const { data, error } = await authClient.token();
    if (error?.status === 401) onSignedOut();
    else if (error) throw new TypeError(error.message);
    return data?.token ?? null;
  }

  return async (isRefused = false) => {
    if (held && !isRefused && secondsLeft(held) > SPARE_SECONDS) return held;
    // Whoever asks meanwhile waits for the same.
    flight ??= fetchToken().finally(() => {
      flight = null;
    });
    held = await flight;
    return held;
  };
}

function secondsLeft(token: string): number {
  const claims = JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"))) as { exp: number };
  return claims.exp - Date.now() / 1000;
}
