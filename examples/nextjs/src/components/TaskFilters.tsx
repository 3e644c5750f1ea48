import { useEffect, useState } from "react";
import type { Filters } from "@/todo/useTasks";

const STATUSES = { all: "All", pending: "Open", completed: "Done" } as const;
const PAUSE = 250;

interface Props {
  filters: Filters;
  setFilters: (change: (filters: Filters) => Filters) => void;
}

export function TaskFilters({ filters, setFilters }: Props) {
  const [words, setWords] = useState("");

  // Looked for when the person has stopped typing.
  useEffect(() => {
    const timer = setTimeout(
      () => setFilters((current) => ((current.search ?? "") === words ? current : { ...current, search: words || undefined })),
      PAUSE,
    );
    return () => clearTimeout(timer);
  }, [words, setFilters]);

  const set = (change: Filters) => setFilters((current) => ({ ...current, ...change }));
  return (
    <form className="filters" role="search" aria-label="Tasks" onSubmit={(event) => event.preventDefault()}>
      <fieldset className="switch">
        <legend>Show</legend>
        {(Object.keys(STATUSES) as (keyof typeof STATUSES)[]).map((status) => (
          <label key={status}>
            <input type="radio" name="status" checked={filters.status === status} onChange={() => set({ status })} />
            <span>{STATUSES[status]}</span>
          </label>
        ))}
      </fieldset>
      <label className="wide">
        Search
        <input type="search" value={words} onChange={(event) => setWords(event.target.value)} />
      </label>
      <label>
        Priority
        <select
          value={filters.priority ?? ""}
          onChange={({ target }) => set({ priority: (target.value || undefined) as Filters["priority"] })}
        >
          <option value="">Any</option>
          <option value="high">High</option>
          <option value="medium">Medium</option>
          <option value="low">Low</option>
        </select>
      </label>
      <label>
        Order
        <select
          value={filters.ordering ?? "-created_at"}
          onChange={({ target }) => set({ ordering: target.value as Filters["ordering"] })}
        >
          <option value="-created_at">Newest</option>
          <option value="due_at">Due date</option>
          <option value="-priority">Priority</option>
          <option value="title">Title</option>
        </select>
      </label>
    </form>
  );
}
