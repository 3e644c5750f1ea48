import createApi, { type Client } from "openapi-fetch";
import { Chat } from "./chat.js";
import { unwrap } from "./problems.js";
import { type Fetch, PATIENCE, type Patience, type Sending, sendPatiently } from "./repeating.js";
import type { components, paths } from "./schema.js";
import { type Caller, OutsideCaller, Session } from "./sessions.js";
import { inMemory, type TokenStorage, type User } from "./storage.js";
import { Tasks } from "./tasks.js";

export interface Options {
  /** Of the service, for example `https://todo.example.com`; empty: where the page comes from. */
  baseUrl: string;
  /** Where the session is kept; in memory without it. */
  storage?: TokenStorage;
  /** Instead of a session here: another issuer's token, or a personal one. `isRefused`: the last one was, get a fresh one. */
  getToken?: (isRefused: boolean) => string | null | Promise<string | null>;
  /** The session ended without being asked to: show the login. */
  onSignedOut?: () => void;
  /** The platform's own without it; `expo/fetch` streams in React Native. */
  fetch?: Fetch;
  patience?: Partial<Patience>;
}

export interface TodoClient {
  /** Every endpoint, by path and typed, as openapi-fetch calls them; `unwrap` throws what they answer as `error`. */
  api: Client<paths>;
  auth: Auth;
  tasks: Tasks;
  chat: Chat;
}

export function createTodoClient(options: Options): TodoClient {
  const { baseUrl, storage = inMemory(), getToken, onSignedOut = () => {} } = options;
  // Called without an object before it, as browsers want it.
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const patience = { ...PATIENCE, ...options.patience };
  const post = (path: string, body: unknown) =>
    sendPatiently(fetch, posting(baseUrl.replace(/\/$/, "") + path, body), patience);
  const session = new Session(storage, post, onSignedOut);
  const caller = getToken ? new OutsideCaller(getToken) : session;
  const api = createApi<paths>({
    baseUrl,
    fetch: async (request) => sendAs(caller, fetch, await sendingOf(request), patience),
  });
  return { api, auth: new Auth(session, api), tasks: new Tasks(api), chat: new Chat(api) };
}

/** A session of this service. */
export class Auth {
  constructor(
    readonly session: Session,
    readonly api: Client<paths>,
  ) {}

  signUp(person: components["schemas"]["SignupRequest"]): Promise<User> {
    return this.session.start("/api/auth/signup", person);
  }

  logIn(person: components["schemas"]["LoginRequest"]): Promise<User> {
    return this.session.start("/api/auth/login", person);
  }

  logOut(): Promise<void> {
    return this.session.end();
  }

  /** Who signed in here, as far as is known without asking. */
  async user(): Promise<User | null> {
    return (await this.session.storage.load())?.user ?? null;
  }

  me(): Promise<components["schemas"]["OwnUser"]> {
    return unwrap(this.api.GET("/api/auth/me"));
  }
}

/** Once more with a new token where the first is refused, whatever the method: nothing was done. */
async function sendAs(caller: Caller, fetch: Fetch, sending: Sending, patience: Patience): Promise<Response> {
  const token = sending.headers.has("Authorization") ? null : await caller.token();
  if (token === null) return sendPatiently(fetch, sending, patience);
  const response = await sendPatiently(fetch, withToken(sending, token), patience);
  if (response.status !== 401) return response;
  const renewed = await caller.renew(token);
  if (renewed === null || renewed === token) return response;
  await response.body?.cancel();
  return sendPatiently(fetch, withToken(sending, renewed), patience);
}

function withToken(sending: Sending, token: string): Sending {
  const headers = new Headers(sending.headers);
  headers.set("Authorization", `Bearer ${token}`);
  return { ...sending, headers };
}

/** Its parts, since not every platform's fetch takes a Request, and none takes one twice. */
async function sendingOf(request: Request): Promise<Sending> {
  const { url, method, headers, signal } = request;
  const body = await request.text();
  return { url, method, headers, ...(body ? { body } : {}), ...(signal ? { signal } : {}) };
}

function posting(url: string, body: unknown): Sending {
  const headers = new Headers({ "Content-Type": "application/json" });
  // For a while the service answers a refresh token that it has replaced with the same successor.
  const isRepeatable = url.endsWith("/refresh");
  return { url, method: "POST", headers, body: JSON.stringify(body), isRepeatable };
}
