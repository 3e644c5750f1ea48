/** When a request may be sent again, and how long to wait before. */

export interface Sending {
  url: string;
  method: string;
  headers: Headers;
  body?: string;
  signal?: AbortSignal;
  /** Whatever its method and headers say. */
  isRepeatable?: boolean;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Patience {
  /** How often a request is sent at most; 1 never repeats. */
  attempts: number;
  /** Milliseconds before the second; each further wait may be twice as long. */
  firstWait: number;
  /** Milliseconds: no wait of ours is longer, and a longer `Retry-After` is not waited for. */
  longestWait: number;
}

export const PATIENCE: Patience = { attempts: 4, firstWait: 250, longestWait: 20_000 };

const REPEATABLE = new Set(["GET", "HEAD", "PUT", "DELETE"]);
const PASSING = new Set([408, 429, 502, 503, 504]);

/** Sends it, and again where that is safe and the failure is one that passes. The last answer is returned as it is. */
export async function sendPatiently(fetch: Fetch, sending: Sending, patience: Patience): Promise<Response> {
  const { url, isRepeatable = isSafe(sending), ...init } = sending;
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt >= patience.attempts || !isRepeatable;
    let wait: number | null;
    try {
      const response = await fetch(url, init);
      wait = isLast || !(await isPassing(response)) ? null : waitAfter(response, attempt, patience);
      if (wait === null) return response;
      await response.body?.cancel();
    } catch (error) {
      // Whether it was done is unknown. With If-Match a repetition of what was done would be a 412 that misleads.
      if (isLast || sending.signal?.aborted || sending.headers.has("If-Match")) throw error;
      wait = backOff(attempt, patience);
    }
    await pause(wait, sending.signal);
  }
}

function isSafe({ method, headers }: Sending): boolean {
  return REPEATABLE.has(method.toUpperCase()) || headers.has("Idempotency-Key");
}

async function isPassing(response: Response): Promise<boolean> {
  if (PASSING.has(response.status)) return true;
  if (response.status !== 409) return false;
  // The first with the same key still runs.
  return (await response.clone().text()).includes('"idempotency_in_progress"');
}

/** Null where it would be longer than anybody waits. */
function waitAfter(response: Response, attempt: number, patience: Patience): number | null {
  const asked = retryAfter(response.headers.get("Retry-After"));
  if (asked === null) return backOff(attempt, patience);
  // A little more, and not the same for everybody who was told so.
  return asked > patience.longestWait ? null : asked + Math.random() * patience.firstWait;
}

/** Milliseconds, of seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfter(value: string | null): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

function backOff(attempt: number, { firstWait, longestWait }: Patience): number {
  const most = Math.min(longestWait, firstWait * 2 ** (attempt - 1));
  return most / 2 + (Math.random() * most) / 2;
}

export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason ?? new Error("Aborted"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
