import { idOf, type LocalChange, type Outbox } from "./outbox.js";
import type { Base } from "./replicaStore.js";
import type { Task } from "./tasks.js";

/** The tasks as they look with what was done here; newest first. */
export function shown(base: Base, outbox: Outbox): Task[] {
  const tasks = new Map(Object.entries(base.tasks));
  for (const change of outbox.changes) {
    const id = idOf(outbox, change.id);
    const before = change.op === "create" ? fresh(id, base.userId, change.at) : tasks.get(id);
    if (change.op === "delete") tasks.delete(id);
    else if (before) tasks.set(id, changed(before, change));
  }
  // The service's ids sort by their time; those of this device have none yet, and are the newest.
  return [...tasks.values()].sort((one, other) => (sortKey(one) < sortKey(other) ? 1 : -1));
}

function sortKey({ id, created_at }: Task): string {
  return id.startsWith("here-") ? `z${created_at}${id}` : id;
}

function changed(before: Task, change: Exclude<LocalChange, { op: "delete" }>): Task {
  const task: Task = { ...before, ...(change.data as Partial<Task>) };
  const completed = change.data.completed ?? change.data.is_completed ?? before.completed;
  const completed_at = completed ? (before.completed_at ?? new Date().toISOString()) : null;
  return { ...task, completed, is_completed: completed, completed_at };
}

function fresh(id: string, userId: string, at: string): Task {
  const empty = { title: "", description: null, priority: "medium" as const, due_at: null, tags: [] };
  const open = { completed: false, is_completed: false, completed_at: null };
  return { id, user_id: userId, ...empty, ...open, created_at: at, updated_at: at };
}
