import { isProblem, type Task, type TaskChanges, unwrap } from "todo-backend-client";
import type { Connection } from "./connection";

/** A task as the page shows it; its version is known once it was read or changed by itself, for lists tell none. */
export type ShownTask = Task & { version?: string | undefined };

/** Somebody else was faster. `task` is what they made of it; null: they deleted it. */
export class Conflict extends Error {
  constructor(
    readonly shown: ShownTask,
    readonly task: ShownTask | null,
  ) {
    super("The task has changed meanwhile.");
  }
}

/** A task that was just read or changed by itself. */
export function versioned({ todo }: Connection, task: Task): ShownTask {
  return { ...task, version: todo.tasks.versionOf(task.id) };
}

async function read(connection: Connection, id: string): Promise<ShownTask> {
  return versioned(connection, await connection.todo.tasks.get(id));
}

/** Changes what the person sees, and nothing that they do not: else it is a `Conflict`. */
export async function change(connection: Connection, shown: ShownTask, changes: TaskChanges): Promise<ShownTask> {
  return unlessChanged(connection, shown, async (version) =>
    versioned(connection, await connection.todo.tasks.update(shown.id, changes, { ifMatch: version })),
  );
}

/** Deletes it, and returns what takes that back; null where nothing does. */
export async function remove(connection: Connection, shown: ShownTask): Promise<string | null> {
  return unlessChanged(connection, shown, async (version) => {
    const params = { path: { task_id: shown.id }, header: { "If-Match": version } };
    const answer = connection.todo.api.DELETE("/api/tasks/{task_id}", { params });
    await unwrap(answer);
    return (await answer).response.headers.get("X-Undo");
  });
}

export async function takeBack({ todo, userId }: Connection, undo: string): Promise<void> {
  await unwrap(todo.api.POST("/api/{user_id}/undo", { params: { path: { user_id: userId } }, body: { undo } }));
}

async function unlessChanged<T>(connection: Connection, shown: ShownTask, act: (version: string) => Promise<T>): Promise<T> {
  try {
    return await act(shown.version ?? (await versionOf(connection, shown)));
  } catch (error) {
    if (isProblem(error, "precondition_failed")) throw new Conflict(shown, await read(connection, shown.id));
    if (isProblem(error, "task_not_found")) throw new Conflict(shown, null);
    throw error;
  }
}

async function versionOf(connection: Connection, shown: ShownTask): Promise<string> {
  const task = await read(connection, shown.id);
  if (task.updated_at !== shown.updated_at || !task.version) throw new Conflict(shown, task);
  return task.version;
}
