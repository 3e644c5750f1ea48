import { type FormEvent, useRef, useState } from "react";
import type { TaskDraft } from "todo-backend-client";
import { instantOf } from "@/todo/dates";
import { PrioritySelect } from "./PrioritySelect";

export function AddTask({ add }: { add: (draft: TaskDraft) => Promise<boolean> }) {
  const [isBusy, setBusy] = useState(false);
  const title = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    setBusy(true);
    const isAdded = await add({
      title: String(fields.get("title")),
      priority: fields.get("priority") as "low" | "medium" | "high",
      due_at: instantOf(String(fields.get("due"))),
    });
    setBusy(false);
    if (isAdded) form.reset();
    title.current?.focus();
  }

  return (
    <form className="card add" onSubmit={submit}>
      <label className="wide">
        New task
        <input name="title" ref={title} maxLength={200} required autoComplete="off" />
      </label>
      <PrioritySelect name="priority" defaultValue="medium" />
      <label>
        Due
        <input name="due" type="date" />
      </label>
      <button className="main" aria-disabled={isBusy} onClick={(event) => isBusy && event.preventDefault()}>
        Add
      </button>
    </form>
  );
}
