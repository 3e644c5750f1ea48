import type { Client } from "openapi-fetch";
import { type ChatEvent, readEvents } from "./events.js";
import { newIdempotencyKey } from "./keys.js";
import { errorOf, unwrap } from "./problems.js";
import type { components, paths } from "./schema.js";
import type { Once, Stoppable } from "./tasks.js";

export type ChatRequest = components["schemas"]["ChatRequest"];
export type Turn = components["schemas"]["Turn"];

/** The assistant. */
export class Chat {
  constructor(readonly api: Client<paths>) {}

  async send(message: ChatRequest, { idempotencyKey = newIdempotencyKey(), signal }: Once = {}): Promise<Turn> {
    const params = { header: { "Idempotency-Key": idempotencyKey } };
    // An object, since no stream is asked for.
    return (await unwrap(this.api.POST("/api/chat", { params, body: message, signal }))) as Turn;
  }

  /** The same turn as it happens. What refuses it before it begins is thrown, what ends it later is an event. */
  async *stream(
    message: ChatRequest,
    { idempotencyKey = newIdempotencyKey(), signal }: Once = {},
  ): AsyncGenerator<ChatEvent, void, undefined> {
    const { error, response } = await this.api.POST("/api/chat", {
      params: { header: { "Idempotency-Key": idempotencyKey } },
      headers: { Accept: "text/event-stream" },
      body: message,
      signal,
      parseAs: "stream",
    });
    if (!response.ok) throw errorOf(error, response);
    yield* readEvents(response);
  }

  /** Has a pending action done. */
  confirm(conversationId: number, actionId: string, { signal }: Stoppable = {}): Promise<Turn> {
    return unwrap(
      this.api.POST("/api/conversations/{conversation_id}/confirm", {
        params: { path: { conversation_id: conversationId } },
        body: { action_id: actionId },
        signal,
      }),
    );
  }
}
