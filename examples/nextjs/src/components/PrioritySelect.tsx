import type { ComponentProps } from "react";

export function PrioritySelect(props: ComponentProps<"select">) {
  return (
    <label>
      Priority
      <select {...props}>
        <option value="low">Low</option>
        <option value="medium">Medium</option>
        <option value="high">High</option>
      </select>
    </label>
  );
}
