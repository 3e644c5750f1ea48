import { useRef, useState } from "react";
import type { ShownTask } from "@/todo/changes";
import { isOver, shownDate } from "@/todo/dates";
import type { Tasks } from "@/todo/useTasks";
import { EditTask } from "./EditTask";

interface Props {
  task: ShownTask;
  list: Pick<Tasks, "setCompleted" | "save" | "remove">;
}

export function TaskRow({ task, list }: Props) {
  const [isEdited, setEdited] = useState(false);
  const row = useRef<HTMLLIElement>(null);

  function close() {
    setEdited(false);
    // The form is gone with the focus; the button that opened it has it again.
    requestAnimationFrame(() => row.current?.querySelector<HTMLElement>("[data-edit]")?.focus());
  }

  return (
    <li ref={row} className={task.completed ? "done" : ""}>
      {isEdited ? (
        <EditTask task={task} save={(changes) => list.save(task, changes)} close={close} />
      ) : (
        <>
          <label className="title">
            <input
              type="checkbox"
              checked={task.completed}
              onChange={({ target }) => void list.setCompleted(task, target.checked)}
            />
            <span>{task.title}</span>
          </label>
          <TaskDetails task={task} />
          <div className="actions">
            <button data-edit aria-label={`Edit ${task.title}`} onClick={() => setEdited(true)}>
              Edit
            </button>
            <button aria-label={`Delete ${task.title}`} onClick={() => void list.remove(task)}>
              Delete
            </button>
          </div>
        </>
      )}
    </li>
  );
}

function TaskDetails({ task }: { task: ShownTask }) {
  const isLate = task.due_at !== null && !task.completed && isOver(task.due_at);
  return (
    <div className="details">
      {task.description && <p>{task.description}</p>}
      {task.priority !== "medium" && <span className={`mark ${task.priority}`}>{task.priority} priority</span>}
      {task.due_at && <span className={`mark ${isLate ? "late" : ""}`}>{`${isLate ? "overdue" : "due"} ${shownDate(task.due_at)}`}</span>}
      {task.tags.map((tag) => (
        <span key={tag} className="mark">
          #{tag}
        </span>
      ))}
    </div>
  );
}
