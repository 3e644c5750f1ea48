import type { Client } from "openapi-fetch";
import { newIdempotencyKey } from "./keys.js";
import { eachOf } from "./pages.js";
import { unwrap } from "./problems.js";
import type { components, operations, paths } from "./schema.js";

type Schemas = components["schemas"];
export type Task = Schemas["Task"];
export type TaskDraft = Schemas["TaskRequest"];
export type TaskChanges = Schemas["PatchedTaskRequest"];
export type TaskQuery = NonNullable<operations["tasks_list_own"]["parameters"]["query"]>;
export type Operation = Schemas["OperationRequest"];

export interface Stoppable {
  signal?: AbortSignal;
}
export interface Once extends Stoppable {
  /** Given where the same is sent again later; otherwise each call has its own. */
  idempotencyKey?: string;
}
export interface IfUnchanged extends Stoppable {
  /** Only if it is still as it was: at the last read of it here (`true`), or at a version kept from `versionOf`. */
  ifMatch?: true | string;
}

/** The caller's tasks. */
export class Tasks {
  #versions = new Map<string, string>();

  constructor(readonly api: Client<paths>) {}

  /** Each task that the filters find, page by page. */
  list(query: Omit<TaskQuery, "cursor"> = {}, { signal }: Stoppable = {}): AsyncGenerator<Task, void, undefined> {
    return eachOf((cursor) => this.page({ limit: 100, ...query, cursor }, { signal }));
  }

  page(query: TaskQuery = {}, { signal }: Stoppable = {}): Promise<Schemas["PaginatedTaskList"]> {
    return unwrap(this.api.GET("/api/tasks", { params: { query }, signal }));
  }

  create(draft: TaskDraft, { idempotencyKey = newIdempotencyKey(), signal }: Once = {}): Promise<Task> {
    const params = { header: { "Idempotency-Key": idempotencyKey } };
    return this.#seen(this.api.POST("/api/tasks", { params, body: draft, signal }));
  }

  get(id: string, { signal }: Stoppable = {}): Promise<Task> {
    return this.#seen(this.api.GET("/api/tasks/{task_id}", { params: { path: { task_id: id } }, signal }));
  }

  /** What is left out stays; null clears. */
  update(id: string, changes: TaskChanges, { ifMatch, signal }: IfUnchanged = {}): Promise<Task> {
    const params = this.#params(id, ifMatch);
    return this.#seen(this.api.PATCH("/api/tasks/{task_id}", { params, body: changes, signal }));
  }

  complete(id: string, completed = true, { ifMatch, signal }: IfUnchanged = {}): Promise<Task> {
    const params = this.#params(id, ifMatch);
    return this.#seen(this.api.PATCH("/api/tasks/{task_id}/complete", { params, body: { completed }, signal }));
  }

  toggle(id: string, { ifMatch, signal }: IfUnchanged = {}): Promise<Task> {
    const params = this.#params(id, ifMatch);
    return this.#seen(this.api.PATCH("/api/tasks/{task_id}/toggle", { params, signal }));
  }

  async remove(id: string, { ifMatch, signal }: IfUnchanged = {}): Promise<void> {
    await unwrap(this.api.DELETE("/api/tasks/{task_id}", { params: this.#params(id, ifMatch), signal }));
    this.#versions.delete(id);
  }

  /** Many changes at once; `atomic`: all of them or none. */
  async bulk(
    operations: Operation[],
    { atomic = true, idempotencyKey = newIdempotencyKey(), signal }: Once & { atomic?: boolean } = {},
  ): Promise<Schemas["Result"][]> {
    const params = { header: { "Idempotency-Key": idempotencyKey } };
    return (await unwrap(this.api.POST("/api/tasks/bulk", { params, body: { operations, atomic }, signal }))).results;
  }

  /** The ETag of a task at its last single read or change here; lists have none. Keep it with a form that is open long. */
  versionOf(id: string): string | undefined {
    return this.#versions.get(id);
  }

  #params(id: string, ifMatch: true | string | undefined) {
    const version = ifMatch === true ? this.versionOf(id) : ifMatch;
    if (ifMatch === true && version === undefined) throw new TypeError("This task was not read yet: get() it first.");
    return { path: { task_id: id }, header: version === undefined ? {} : { "If-Match": version } };
  }

  async #seen(answer: Promise<{ data?: Task; error?: unknown; response: Response }>): Promise<Task> {
    const task = await unwrap(answer);
    const version = (await answer).response.headers.get("ETag");
    if (version !== null) this.#versions.set(task.id, version);
    return task;
  }
}
