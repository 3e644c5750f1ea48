import { newIdempotencyKey } from "./keys.js";
import type { components } from "./schema.js";
import type { Operation, Task, TaskChanges, TaskDraft } from "./tasks.js";

type Result = components["schemas"]["Result"];

/** Done here, and not yet there. `id` of a task made here is the one it had until the service gave it another. */
export type LocalChange =
  | { op: "create"; id: string; data: TaskDraft; at: string }
  | { op: "update"; id: string; data: TaskChanges }
  | { op: "delete"; id: string };

/** What waits to be sent, as it is kept. */
export interface Outbox {
  changes: LocalChange[];
  /** So many of the first are under way under this Idempotency-Key, until they are answered. */
  parcel: { key: string; count: number } | null;
  /** What ids of ours have become. */
  ids: Record<string, string>;
}

/** In one bulk. */
const MOST = 50;

export const emptyOutbox = (): Outbox => ({ changes: [], parcel: null, ids: {} });

export const idOf = (outbox: Outbox, id: string): string => outbox.ids[id] ?? id;

/** The next parcel, the same until it is settled; a task is in it once at most. */
export function pack(outbox: Outbox, most = MOST): Outbox {
  if (outbox.parcel || outbox.changes.length === 0) return outbox;
  const seen = new Set<string>();
  const end = outbox.changes.findIndex(({ id }, index) => index >= most || seen.size === seen.add(idOf(outbox, id)).size);
  const count = end < 0 ? outbox.changes.length : end;
  return { ...outbox, parcel: { key: newIdempotencyKey(), count } };
}

export function parcelOf(outbox: Outbox): LocalChange[] {
  return outbox.changes.slice(0, outbox.parcel?.count ?? 0);
}

export function operationsOf(outbox: Outbox): Operation[] {
  return parcelOf(outbox).map((change) => {
    const id = idOf(outbox, change.id);
    if (change.op === "create") return { op: "create", data: change.data };
    return change.op === "update" ? { op: "update", id, data: change.data } : { op: "delete", id };
  });
}

/** Without what has been answered; what was to be done to a task that was refused goes along. */
export function settle(outbox: Outbox, results: Result[]): Outbox {
  const ids = { ...outbox.ids };
  const refused = new Set<string>();
  parcelOf(outbox).forEach((change, index) => {
    const task = taskOf(results[index]);
    if (change.op !== "create") return;
    if (task) ids[change.id] = task.id;
    else refused.add(change.id);
  });
  const left = outbox.changes.slice(outbox.parcel?.count ?? 0);
  return { changes: left.filter(({ id }) => !refused.has(id)), parcel: null, ids };
}

/** But for those that a change names still. */
export function forgetIds(outbox: Outbox): Outbox {
  const wanted = new Set(outbox.changes.map(({ id }) => id));
  return { ...outbox, ids: Object.fromEntries(Object.entries(outbox.ids).filter(([id]) => wanted.has(id))) };
}

export function taskOf(result: Result | undefined): Task | null {
  return result && "task" in result ? result.task : null;
}
