import type { components } from "./schema.js";
import { readError } from "./problems.js";
import type { TokenStorage, Tokens, User } from "./storage.js";

type Pair = components["schemas"]["TokenPair"];
export type Post = (path: string, body: unknown) => Promise<Response>;

/** Who calls. */
export interface Caller {
  token(): Promise<string | null>;
  /** A token instead of the one that was refused; null: there is none. All who ask meanwhile get the same. */
  renew(refused: string): Promise<string | null>;
}

/** The caller's tokens come from elsewhere: another issuer, or a personal token. */
export class OutsideCaller implements Caller {
  #flight = new Flight<string | null>();

  constructor(readonly getToken: (isRefused: boolean) => string | null | Promise<string | null>) {}

  async token(): Promise<string | null> {
    return this.getToken(false);
  }

  renew(): Promise<string | null> {
    return this.#flight.join(async () => this.getToken(true));
  }
}

/** A session of this service. */
export class Session implements Caller {
  #flight = new Flight<string | null>();

  constructor(
    readonly storage: TokenStorage,
    readonly post: Post,
    readonly onSignedOut: () => void,
  ) {}

  async token(): Promise<string | null> {
    return (await this.storage.load())?.access_token ?? null;
  }

  /** Signs up or in, by path. */
  async start(path: string, body: unknown): Promise<User> {
    const response = await this.post(path, body);
    if (!response.ok) throw await readError(response);
    const pair = (await response.json()) as Pair;
    await this.storage.save(kept(pair));
    return pair.user;
  }

  /** Here it has ended also where the service cannot be reached to be told. */
  async end(): Promise<void> {
    const held = await this.storage.load();
    await this.storage.save(null);
    if (held === null) return;
    const response = await this.post("/api/auth/logout", { refresh_token: held.refresh_token });
    if (!response.ok) throw await readError(response);
  }

  renew(refused: string): Promise<string | null> {
    return this.#flight.join(() => this.#refresh(refused));
  }

  async #refresh(refused: string): Promise<string | null> {
    const held = await this.storage.load();
    // An earlier flight, or another tab, has a newer one.
    if (held === null || held.access_token !== refused) return held?.access_token ?? null;
    const response = await this.post("/api/auth/refresh", { refresh_token: held.refresh_token });
    const now = await this.storage.load();
    // Signed out, or in as somebody else, while this was on its way: that stands.
    if (now?.refresh_token !== held.refresh_token) return now?.access_token ?? null;
    if (response.ok) {
      const pair = (await response.json()) as Pair;
      await this.storage.save(kept(pair));
      return pair.access_token;
    }
    // A service that is away or busy says nothing of the session.
    if (response.status !== 401 && response.status !== 422) throw await readError(response);
    await this.storage.save(null);
    this.onSignedOut();
    return null;
  }
}

/** One at a time: who comes while it is under way gets what it brings. */
class Flight<T> {
  #current: Promise<T> | null = null;

  join(depart: () => Promise<T>): Promise<T> {
    this.#current ??= depart().finally(() => {
      this.#current = null;
    });
    return this.#current;
  }
}

function kept({ access_token, refresh_token, user }: Pair): Tokens {
  return { access_token, refresh_token, user };
}
