import { useCallback, useEffect, useRef, useState } from "react";
import type { TaskChanges, TaskDraft, TaskQuery } from "todo-backend-client";
import { change, Conflict, remove, type ShownTask, takeBack, versioned } from "./changes";
import type { Connection } from "./connection";
import { wordsFor, wordsForConflict } from "./words";

const PAGE_SIZE = 20;

export type Filters = Pick<TaskQuery, "status" | "priority" | "search" | "ordering">;

/** What the page has to say, and what can be done about it. */
export interface Notice {
  text: string;
  isProblem?: boolean;
  undo?: () => Promise<void>;
}

export type Tasks = ReturnType<typeof useTasks>;

/** The list that the filters find. Changes show at once, and go back to what is true if the service refuses them. */
export function useTasks(connection: Connection, filters: Filters) {
  const [tasks, setTasks] = useState<ShownTask[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [isLoading, setLoading] = useState(true);
  const [notice, setNotice] = useState<Notice | null>(null);
  // Each task as the service told it last, and the change of it that is on its way.
  const told = useRef(new Map<string, ShownTask>());
  const turns = useRef(new Map<string, Promise<unknown>>());
  const loading = useRef<AbortController>(null);

  const replace = (task: ShownTask) => setTasks((all) => all.map((each) => (each.id === task.id ? task : each)));
  const takeOut = (id: string) => setTasks((all) => all.filter((each) => each.id !== id));
  const putIn = (task: ShownTask, index: number) =>
    setTasks((all) => (all.some(({ id }) => id === task.id) ? all : all.toSpliced(index, 0, task)));

  const load = useCallback(
    async (from: string | null) => {
      // Of several lists that are on their way the last one asked for is wanted.
      loading.current?.abort();
      const { signal } = (loading.current = new AbortController());
      setLoading(true);
      try {
        const query = { ...filters, limit: PAGE_SIZE, cursor: from ?? undefined };
        const { data, meta } = await connection.todo.tasks.page(query, { signal });
        for (const task of data) told.current.set(task.id, task);
        setTasks((all) => (from === null ? data : [...all, ...data]));
        setCursor(meta.next_cursor);
      } catch (error) {
        if (!signal.aborted) setNotice({ text: wordsFor(error), isProblem: true });
      } finally {
        if (!signal.aborted) setLoading(false);
      }
    },
    [connection, filters],
  );
  const reload = useCallback(() => load(null), [load]);

  useEffect(() => {
    void reload();
    return () => loading.current?.abort();
  }, [reload]);

  /** Changes of one task go one after the other, each upon what the one before has left; then it shows as it is. */
  async function inTurn<T>(id: string, act: (task: ShownTask) => Promise<T>): Promise<T> {
    const run = () => act(told.current.get(id)!);
    const turn = (turns.current.get(id) ?? Promise.resolve()).then(run, run);
    turns.current.set(id, turn);
    try {
      return await turn;
    } finally {
      if (turns.current.get(id) === turn) replace(told.current.get(id)!);
    }
  }

  const keep = (task: ShownTask) => void told.current.set(task.id, task);

  function tell(error: unknown) {
    if (!(error instanceof Conflict)) return setNotice({ text: wordsFor(error), isProblem: true });
    if (error.task) {
      keep(error.task);
      replace(error.task);
    } else takeOut(error.shown.id);
    setNotice({ text: `${wordsForConflict(error)} What you did was not saved.`, isProblem: true });
  }

  async function undo(token: string) {
    try {
      await takeBack(connection, token);
      setNotice({ text: "It is back." });
      await reload();
    } catch (error) {
      tell(error);
    }
  }

  return {
    tasks,
    isLoading,
    hasMore: cursor !== null,
    notice,
    dismiss: () => setNotice(null),
    reload,
    showMore: () => load(cursor),

    /** Whether it worked; if not, the notice says why. */
    async add(draft: TaskDraft): Promise<boolean> {
      try {
        const task = versioned(connection, await connection.todo.tasks.create(draft));
        keep(task);
        putIn(task, 0);
        setNotice({ text: `Added “${task.title}”.` });
        return true;
      } catch (error) {
        tell(error);
        return false;
      }
    },

    async setCompleted({ id }: ShownTask, completed: boolean) {
      setTasks((all) => all.map((each) => (each.id === id ? { ...each, completed } : each)));
      try {
        await inTurn(id, async (task) => keep(await change(connection, task, { completed })));
      } catch (error) {
        tell(error);
      }
    },

    /** Throws where it fails, for the form to show it; what a `Conflict` tells is in the list already. */
    async save({ id }: ShownTask, changes: TaskChanges) {
      try {
        await inTurn(id, async (task) => keep(await change(connection, task, changes)));
        setNotice({ text: "Saved." });
      } catch (error) {
        if (error instanceof Conflict) tell(error);
        throw error;
      }
    },

    async remove(task: ShownTask) {
      const index = tasks.findIndex(({ id }) => id === task.id);
      takeOut(task.id);
      try {
        const token = await inTurn(task.id, (known) => remove(connection, known));
        setNotice({ text: `Deleted “${task.title}”.`, ...(token && { undo: () => undo(token) }) });
      } catch (error) {
        putIn(told.current.get(task.id)!, index);
        tell(error);
      }
    },
  };
}
