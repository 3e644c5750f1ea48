import { type FormEvent, type KeyboardEvent, useState } from "react";
import type { TaskChanges } from "todo-backend-client";
import { Conflict, type ShownTask } from "@/todo/changes";
import { dayOf, instantOf } from "@/todo/dates";
import { wordsFor, wordsForConflict } from "@/todo/words";
import { PrioritySelect } from "./PrioritySelect";

interface Props {
  task: ShownTask;
  save: (changes: TaskChanges) => Promise<void>;
  close: () => void;
}

/** What is in the form: text, as people type it. */
type Draft = ReturnType<typeof draftOf>;

export function EditTask({ task, save, close }: Props) {
  const [base, setBase] = useState(task);
  const [draft, setDraft] = useState(() => draftOf(task));
  const [problem, setProblem] = useState<string | null>(null);
  const set = (change: Partial<Draft>) => setDraft((current) => ({ ...current, ...change }));

  async function submit(event: FormEvent) {
    event.preventDefault();
    try {
      await save(changesBetween(draftOf(base), draft));
      close();
    } catch (error) {
      if (!(error instanceof Conflict)) return setProblem(wordsFor(error));
      if (error.task === null) return;
      // What was typed stays; what was not shows what somebody else has made of it.
      const { task } = error;
      setDraft((current) => ({ ...draftOf(task), ...differences(draftOf(base), current) }));
      setBase(task);
      setProblem(`${wordsForConflict(error)} Save again to keep what you typed.`);
    }
  }

  function leave(event: KeyboardEvent) {
    if (event.key === "Escape") close();
  }

  return (
    <form className="edit" aria-label={`Edit ${task.title}`} onSubmit={submit} onKeyDown={leave}>
      <label className="wide">
        Title
        <input value={draft.title} onChange={({ target }) => set({ title: target.value })} maxLength={200} required autoFocus />
      </label>
      <label className="wide">
        Notes
        <textarea
          value={draft.description}
          onChange={({ target }) => set({ description: target.value })}
          maxLength={1000}
          rows={2}
        />
      </label>
      <PrioritySelect
        value={draft.priority}
        onChange={({ target }) => set({ priority: target.value as Draft["priority"] })}
      />
      <label>
        Due
        <input type="date" value={draft.due} onChange={({ target }) => set({ due: target.value })} />
      </label>
      <label className="wide">
        Tags, with spaces between
        <input value={draft.tags} onChange={({ target }) => set({ tags: target.value })} autoComplete="off" />
      </label>
      <p role="alert" className="problem wide">
        {problem}
      </p>
      <div className="actions wide">
        <button className="main">Save</button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function draftOf({ title, description, priority, due_at, tags }: ShownTask) {
  return { title, description: description ?? "", priority, due: dayOf(due_at), tags: tags.join(" ") };
}

function differences(before: Draft, after: Draft): Partial<Draft> {
  const fields = Object.keys(after) as (keyof Draft)[];
  return Object.fromEntries(fields.filter((field) => before[field] !== after[field]).map((field) => [field, after[field]]));
}

/** Only what was typed: the rest stays as it is, the time of day of an unchanged due date too. */
function changesBetween(before: Draft, after: Draft): TaskChanges {
  const { due, tags, ...changed } = differences(before, after);
  return {
    ...changed,
    ...(due !== undefined && { due_at: instantOf(due) }),
    ...(tags !== undefined && { tags: tags.split(/[\s,#]+/).filter(Boolean) }),
  };
}
