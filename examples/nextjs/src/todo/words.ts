import { isProblem, type Task } from "todo-backend-client";
import type { Conflict } from "./changes";
import { shownDate } from "./dates";

/** What went wrong, for a person. The service's own problems come with such a sentence. */
export function wordsFor(error: unknown): string {
  if (isProblem(error)) return [error.message, ...error.errors.map(({ detail }) => detail)].filter(isNew).join(" ");
  // What fetch throws, whatever kept it from the other side.
  if (error instanceof TypeError) return "The service cannot be reached. Please try again in a moment.";
  return "Something went wrong. Please try again.";
}

function isNew(sentence: string, index: number, all: string[]) {
  return all.indexOf(sentence) === index;
}

const FIELDS = {
  title: "title",
  description: "notes",
  completed: "state",
  priority: "priority",
  due_at: "due date",
  tags: "tags",
} as const;

export function wordsForConflict({ shown, task }: Conflict): string {
  if (task === null) return `“${shown.title}” was deleted meanwhile.`;
  return `“${shown.title}” was changed meanwhile: ${wordsForChanges(shown, task)}.`;
}

function wordsForChanges(before: Task, after: Task): string {
  const fields = Object.keys(FIELDS) as (keyof typeof FIELDS)[];
  const changed = fields.filter((field) => shownValue(before, field) !== shownValue(after, field));
  return changed.map((field) => `the ${FIELDS[field]} is now ${shownValue(after, field)}`).join(", ");
}

function shownValue(task: Task, field: keyof typeof FIELDS): string {
  if (field === "completed") return task.completed ? "done" : "open";
  if (field === "due_at") return task.due_at ? shownDate(task.due_at) : "empty";
  if (field === "tags") return task.tags.map((tag) => `#${tag}`).join(" ") || "empty";
  return task[field] ? `“${task[field]}”` : "empty";
}
