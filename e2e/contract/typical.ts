// What pages write, against the types that openapi-typescript makes with its default options: `make types` compiles it.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Is<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function certain<T extends true>(): T | undefined {
  return undefined;
}

const client = createClient<paths>({ baseUrl: "http://localhost:8000" });
type Task = components["schemas"]["Task"];

certain<Is<Task["completed"], boolean>>();
certain<Is<Task["priority"], "low" | "medium" | "high">>();
certain<Is<Task["due_at"], string | null>>();
certain<Is<Task["tags"], string[]>>();

export async function signUp(email: string, password: string): Promise<string> {
  const { data, error, response } = await client.POST("/api/auth/signup", { body: { email, password } });
  if (error) {
    if (error.code === "email_taken") return "Log in instead.";
    if (response.status === 429) return `Wait ${response.headers.get("Retry-After")} s.`;
    // @ts-expect-error a code that a signup is never refused with
    if (error.code === "task_not_found") return "";
    return error.detail;
  }
  certain<Is<typeof data.token_type, "bearer">>();
  return data.access_token + data.user.id;
}

export async function open(): Promise<Task[]> {
  const found: Task[] = [];
  let cursor: string | undefined;
  do {
    const { data, error } = await client.GET("/api/tasks", {
      params: { query: { status: "pending", tag: ["home"], ordering: "-due_at", limit: 100, cursor } },
    });
    if (error) throw new Error(error.detail);
    found.push(...data.data);
    cursor = data.meta.next_cursor ?? undefined;
  } while (cursor);
  return found;
}

export async function change(user_id: string, task: Task, version: string): Promise<Task | "changed" | "gone"> {
  const { data, error } = await client.PATCH("/api/{user_id}/tasks/{task_id}", {
    params: { path: { user_id, task_id: task.id }, header: { "If-Match": version } },
    body: { completed: !task.completed, due_at: null },
  });
  if (error?.code === "precondition_failed") return "changed";
  if (error?.status === 404) return "gone";
  if (error) throw new Error(error.errors.map((field) => `${field.field}: ${field.detail}`).join());
  return data;
}

export async function many(ids: string[]): Promise<string[]> {
  const { data, error } = await client.POST("/api/tasks/bulk", {
    body: {
      atomic: false,
      operations: [{ op: "create", data: { title: "Buy milk" } }, ...ids.map((id) => ({ op: "complete" as const, id }))],
    },
  });
  if (error) return [error.code];
  return data.results.map((result) => {
    switch (result.status) {
      case 200:
      case 201:
        return result.task.title;
      case 204:
        return "deleted";
      default:
        return result.problem.code;
    }
  });
}

// @ts-expect-error an operation on a task says which
certain<{ op: "delete" } extends components["schemas"]["OperationRequest"] ? true : false>();

export async function say(message: string): Promise<string> {
  const { data, error } = await client.POST("/api/chat", { body: { message } });
  if (error) return error.detail;
  // A stream only where it is asked for.
  if (typeof data === "string") return data;
  for (const call of data.tool_calls) {
    if ("error" in call.result) console.warn(call.result.error.detail);
    else if (call.tool === "list_tasks" && "tasks" in call.result) console.info(call.result.tasks.length);
  }
  return data.pending_action ? data.pending_action.summary : data.response;
}

export function read(event: components["schemas"]["ChatEvent"]): string {
  switch (event.event) {
    case "message":
      return event.data.delta;
    case "tool_call":
      return event.data.tool;
    case "done":
      return event.data.response;
    case "error":
      return event.data.detail;
  }
}
