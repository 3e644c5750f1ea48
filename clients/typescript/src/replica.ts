import type { TodoClient } from "./client.js";
import { readAll } from "./events.js";
import { newIdempotencyKey } from "./keys.js";
import * as outboxes from "./outbox.js";
import { emptyOutbox, type LocalChange, type Outbox } from "./outbox.js";
import { AnswerError, errorOf, isProblem, type Problem, ProblemError, unwrap } from "./problems.js";
import { pause } from "./repeating.js";
import { type Base, emptyBase, replicaInMemory, type ReplicaStore } from "./replicaStore.js";
import type { components } from "./schema.js";
import type { Stoppable, Task, TaskChanges, TaskDraft } from "./tasks.js";
import { shown } from "./view.js";

type ChangeEvent = components["schemas"]["ChangeEvent"];

export interface ReplicaOptions {
  /** In memory without it. */
  store?: ReplicaStore;
  /** Whose tasks; asked of the service where the client does not know. */
  userId?: string;
  /** The service did not do this, and never will; here it is undone. */
  onRefused?: (change: LocalChange, problem: Problem) => void;
}

const PAGE = 1000;
// Comments come every 15 seconds.
const SILENCE = 45_000;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/**
 * The caller's tasks on this device. What is done here shows at once and waits until it can be sent, each once however
 * often it is tried; what others did comes with `sync`, or by itself while `live` runs.
 */
export class Replica {
  #current: Promise<void> | null = null;
  #following: Promise<void> | null = null;
  #readers = new Set<() => void>();
  #isLive = false;
  #most: number | undefined;

  private constructor(
    readonly todo: TodoClient,
    readonly store: ReplicaStore,
    private base: Base,
    private outbox: Outbox,
    private readonly onRefused: (change: LocalChange, problem: Problem) => void,
  ) {}

  /** As it was left; of another user's nothing is left. */
  static async open(todo: TodoClient, options: ReplicaOptions = {}): Promise<Replica> {
    const { store = replicaInMemory(), onRefused = () => {} } = options;
    const userId = options.userId ?? (await todo.auth.user())?.id ?? (await todo.auth.me()).id;
    const base = ((await store.load("base")) as Base | null) ?? emptyBase(userId);
    if (base.userId !== userId) return new Replica(todo, store, emptyBase(userId), emptyOutbox(), onRefused);
    const outbox = ((await store.load("outbox")) as Outbox | null) ?? emptyOutbox();
    return new Replica(todo, store, base, outboxes.forgetIds(outbox), onRefused);
  }

  /** Newest first, with what was done here. */
  get tasks(): Task[] {
    return shown(this.base, this.outbox);
  }

  /** Changes that the service does not know of yet. */
  get pending(): number {
    return this.outbox.changes.length;
  }

  /** The number of the last change that is in here. */
  get version(): number | null {
    return this.base.version;
  }

  /** Its id, which stays good here also when the service gives it another. */
  async create(draft: TaskDraft): Promise<string> {
    const id = `here-${newIdempotencyKey()}`;
    await this.#add({ op: "create", id, data: draft, at: new Date().toISOString() });
    return id;
  }

  /** What is left out stays; `{ completed: true }` completes. */
  update(id: string, changes: TaskChanges): Promise<void> {
    return this.#add({ op: "update", id, data: changes });
  }

  remove(id: string): Promise<void> {
    return this.#add({ op: "delete", id });
  }

  get(id: string): Task | undefined {
    const wanted = outboxes.idOf(this.outbox, id);
    return this.tasks.find((task) => task.id === wanted);
  }

  /** Calls it after each change of `tasks`; returns what ends that. */
  subscribe(read: () => void): () => void {
    this.#readers.add(read);
    return () => this.#readers.delete(read);
  }

  /** Sends what waits, then reads what has changed. Who asks while that is under way gets the one that follows. */
  sync({ signal }: Stoppable = {}): Promise<void> {
    if (!this.#current) return this.#start(signal);
    this.#following ??= this.#current
      .catch(() => {})
      .then(() => {
        this.#following = null;
        return this.#start(signal);
      });
    return this.#following;
  }

  /** Keeps up by itself until it is stopped; throws what refuses the caller, and copes with everything else. */
  async live({ signal }: Stoppable = {}): Promise<void> {
    this.#isLive = true;
    let wait = FIRST_WAIT;
    try {
      while (!signal?.aborted) {
        try {
          await this.#listen(signal, (milliseconds) => (wait = milliseconds));
        } catch (error) {
          if (signal?.aborted) return;
          if (error instanceof AnswerError && [401, 403, 404].includes(error.status)) throw error;
          wait = Math.min(LONGEST_WAIT, wait * 2);
        }
        await pause(wait * (0.5 + Math.random() / 2), signal).catch(() => {});
      }
    } finally {
      this.#isLive = false;
    }
  }

  async #listen(signal: AbortSignal | undefined, onRetry: (milliseconds: number) => void): Promise<void> {
    await this.sync({ signal });
    const silence = new Silence(signal);
    try {
      const { error, response } = await this.todo.api.GET("/api/{user_id}/events", {
        params: { path: this.#path, header: { "Last-Event-ID": `${this.base.version}` } },
        headers: { Accept: "text/event-stream" },
        parseAs: "stream",
        signal: silence.signal,
      });
      if (!response.ok) throw errorOf(error, response);
      for await (const { data } of readAll<ChangeEvent>(response, { onRetry, onText: () => silence.begin() })) {
        if (data.version !== this.base.version) await this.sync({ signal });
      }
    } finally {
      silence.end();
    }
  }

  #start(signal: AbortSignal | undefined): Promise<void> {
    this.#current = this.#push(signal)
      .then(() => this.#pull(signal))
      .finally(() => {
        this.#current = null;
      });
    return this.#current;
  }

  // --- There --------------------------------------------------------------------------------------

  async #push(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      this.outbox = outboxes.pack(this.outbox, this.#most);
      const { parcel } = this.outbox;
      if (!parcel) return;
      // Before it is sent: whoever starts anew sends the same.
      await this.#keepOutbox();
      const operations = outboxes.operationsOf(this.outbox);
      try {
        const once = { atomic: false, idempotencyKey: parcel.key, signal };
        await this.#settle(await this.todo.tasks.bulk(operations, once));
        this.#most = undefined;
      } catch (error) {
        if (!isProblem(error) || ![413, 422].includes(error.status)) throw error;
        await this.#refuse(error, parcel.count);
      }
    }
  }

  async #settle(results: components["schemas"]["Result"][]): Promise<void> {
    const sent = outboxes.parcelOf(this.outbox);
    sent.forEach((change, index) => {
      const result = results[index];
      const task = outboxes.taskOf(result);
      if (task) this.base.tasks[task.id] = task;
      else if (change.op === "delete") delete this.base.tasks[outboxes.idOf(this.outbox, change.id)];
      if (result && "problem" in result) this.onRefused(change, result.problem);
    });
    // In this order: what is settled twice is the same.
    await this.store.save("base", this.base);
    this.outbox = outboxes.settle(this.outbox, results);
    await this.#keepOutbox();
    this.#tell();
  }

  /** Nothing of the parcel was done; the one change that is at fault is found by halves. */
  async #refuse(error: ProblemError, count: number): Promise<void> {
    if (count > 1) {
      this.#most = Math.ceil(count / 2);
      this.outbox = { ...this.outbox, parcel: null };
      return;
    }
    const result = { status: 422, problem: error.problem } as components["schemas"]["RefusedResult"];
    await this.#settle([result]);
  }

  async #pull(signal: AbortSignal | undefined): Promise<void> {
    if (this.base.version === null) await this.#readList(signal);
    for (let more = true; more; ) {
      try {
        more = await this.#readChanges(signal);
      } catch (error) {
        if (!isProblem(error, "changes_expired")) throw error;
        await this.#readList(signal);
      }
    }
  }

  async #readChanges(signal: AbortSignal | undefined): Promise<boolean> {
    const query = { since: this.base.version ?? 0, limit: PAGE };
    const { data, meta } = await unwrap(
      this.todo.api.GET("/api/{user_id}/changes", { params: { path: this.#path, query }, signal }),
    );
    for (const { id, task } of data) {
      if (task) this.base.tasks[id] = task;
      else delete this.base.tasks[id];
    }
    if (meta.next !== this.base.version) {
      this.base.version = meta.next;
      await this.store.save("base", this.base);
      this.#tell();
    }
    return meta.more;
  }

  async #readList(signal: AbortSignal | undefined): Promise<void> {
    const base = emptyBase(this.base.userId);
    let cursor: string | undefined;
    do {
      const { data, meta } = await this.todo.tasks.page({ limit: PAGE, cursor }, { signal });
      for (const task of data) base.tasks[task.id] = task;
      // The first page's counts: what came later is told as changes.
      base.version ??= meta.version;
      cursor = meta.next_cursor ?? undefined;
    } while (cursor !== undefined);
    this.base = base;
    await this.store.save("base", base);
    this.#tell();
  }

  // --- Here ---------------------------------------------------------------------------------------

  async #add(change: LocalChange): Promise<void> {
    this.outbox = { ...this.outbox, changes: [...this.outbox.changes, change] };
    await this.#keepOutbox();
    this.#tell();
    // What fails now is tried again by `live`.
    if (this.#isLive) this.sync().catch(() => {});
  }

  async #keepOutbox(): Promise<void> {
    await this.store.save("outbox", this.outbox);
  }

  #tell(): void {
    for (const read of this.#readers) read();
  }

  get #path() {
    return { user_id: this.base.userId };
  }
}

/** Aborts where nothing has come for too long, as on a network that swallows everything. */
class Silence {
  #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop = () => this.#controller.abort();

  constructor(readonly outer: AbortSignal | undefined) {
    outer?.addEventListener("abort", this.#stop, { once: true });
    if (outer?.aborted) this.#stop();
    this.begin();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#stop, SILENCE);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.outer?.removeEventListener("abort", this.#stop);
    this.#stop();
  }
}
