/** What `<input type="date">` says, as the beginning of that day here; null for none. */
export function instantOf(day: string): string | null {
  return day ? new Date(`${day}T00:00`).toISOString() : null;
}

/** The day of an instant here, as `<input type="date">` wants it; empty for none. */
export function dayOf(instant: string | null): string {
  // Sweden writes dates as ISO 8601 does.
  return instant ? new Date(instant).toLocaleDateString("sv") : "";
}

/** With the time of day, unless it is the day as a whole that is meant. */
export function shownDate(instant: string): string {
  const date = new Date(instant);
  const isWholeDay = date.getHours() === 0 && date.getMinutes() === 0;
  const time = isWholeDay ? {} : ({ hour: "numeric", minute: "2-digit" } as const);
  const year = date.getFullYear() === new Date().getFullYear() ? {} : ({ year: "numeric" } as const);
  return date.toLocaleString("en", { weekday: "short", month: "short", day: "numeric", ...year, ...time });
}

/** A day as a whole is over when the next one begins. */
export function isOver(instant: string): boolean {
  const date = new Date(instant);
  if (date.getHours() === 0 && date.getMinutes() === 0) date.setDate(date.getDate() + 1);
  return date.getTime() < Date.now();
}
