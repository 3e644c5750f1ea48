import type { components } from "./schema.js";

export type User = components["schemas"]["User"];

/** What is kept of a session. */
export interface Tokens {
  access_token: string;
  refresh_token: string;
  user: User;
}

/** Where a session is kept: a cookie of your own server, the keychain of a phone, anything that holds a string. */
export interface TokenStorage {
  load(): Tokens | null | Promise<Tokens | null>;
  /** Null: nobody is signed in any more. */
  save(tokens: Tokens | null): void | Promise<void>;
}

/** Until the page is closed. */
export function inMemory(tokens: Tokens | null = null): TokenStorage {
  return {
    load: () => tokens,
    save: (next) => {
      tokens = next;
    },
  };
}

/** The part of `localStorage` that is used; React Native's `AsyncStorage` and `expo-secure-store` are wrapped alike. */
export interface TextStore {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** `stored(localStorage)` is shared by all tabs: whoever refreshes does it for the others. */
export function stored(store: TextStore, key = "todo-session"): TokenStorage {
  return {
    load: async () => {
      const text = await store.getItem(key);
      return text === null ? null : (JSON.parse(text) as Tokens);
    },
    save: async (tokens) => {
      await (tokens === null ? store.removeItem(key) : store.setItem(key, JSON.stringify(tokens)));
    },
  };
}
