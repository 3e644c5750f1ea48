import type { TextStore } from "./storage.js";
import type { Task } from "./tasks.js";

/** The tasks as the service had them at `version`; null: nothing is known yet. */
export interface Base {
  userId: string;
  version: number | null;
  tasks: Record<string, Task>;
}

/** Where a replica is kept, in two parts: `base` and the smaller `outbox`, each a plain object. Null: never saved. */
export interface ReplicaStore {
  load(part: "base" | "outbox"): unknown | Promise<unknown>;
  save(part: "base" | "outbox", value: unknown): void | Promise<void>;
}

export const emptyBase = (userId: string): Base => ({ userId, version: null, tasks: {} });

/** Until the page is closed. */
export function replicaInMemory(): ReplicaStore {
  const texts = new Map<string, string>();
  return replicaIn({
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => texts.set(key, value),
    removeItem: (key) => texts.delete(key),
  });
}

/** `replicaIn(localStorage)`, `replicaIn(AsyncStorage)`, or IndexedDB by two functions that get and set a text. */
export function replicaIn(store: TextStore, key = "todo-replica"): ReplicaStore {
  return {
    load: async (part) => {
      const text = await store.getItem(`${key}-${part}`);
      return text === null ? null : JSON.parse(text);
    },
    save: async (part, value) => {
      await store.setItem(`${key}-${part}`, JSON.stringify(value));
    },
  };
}
