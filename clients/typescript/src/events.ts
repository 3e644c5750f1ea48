import type { components } from "./schema.js";

export type ChatEvent = components["schemas"]["ChatEvent"];

/** The events of an answer as they arrive; at once where a platform's fetch has no streams. Ends after `done` or `error`. */
export async function* readEvents(response: Response): AsyncGenerator<ChatEvent, void, undefined> {
  for await (const event of readAll<ChatEvent>(response)) {
    yield event;
    if (event.event === "done" || event.event === "error") return;
  }
  throw new Error("The stream broke off before its end.");
}

export interface Watch {
  /** After how many milliseconds to come again. */
  onRetry?: (milliseconds: number) => void;
  /** Something came, be it a comment. */
  onText?: () => void;
}

/** All events of an answer, until it ends. */
export async function* readAll<Event>(
  response: Response,
  { onRetry = () => {}, onText = () => {} }: Watch = {},
): AsyncGenerator<Event, void, undefined> {
  const lines = new Lines<Event>(onRetry);
  for await (const text of texts(response)) {
    onText();
    yield* lines.push(text);
  }
}

async function* texts(response: Response): AsyncGenerator<string, void, undefined> {
  if (!response.body) {
    yield await response.text();
    return;
  }
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel();
  }
}

/** WHATWG HTML, section 9.2.6; what is in no complete event is dropped. */
class Lines<Event> {
  #rest = "";
  #event = "";
  #data: string[] = [];

  constructor(readonly onRetry: (milliseconds: number) => void) {}

  *push(text: string): Generator<Event, void, undefined> {
    this.#rest += text;
    // A last CR may be half of a CRLF.
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = this.#take(line);
      if (event) yield event;
    }
  }

  #take(line: string): Event | null {
    if (line === "") return this.#dispatch();
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === "event") this.#event = value;
    if (name === "data") this.#data.push(value);
    if (name === "retry" && /^\d+$/.test(value)) this.onRetry(Number(value));
    return null;
  }

  #dispatch(): Event | null {
    const [event, data] = [this.#event, this.#data];
    [this.#event, this.#data] = ["", []];
    return data.length ? ({ event, data: JSON.parse(data.join("\n")) } as Event) : null;
  }
}
