import type { UIMessage } from "ai";
import { unwrap } from "todo-backend-client";
import type { GetToken } from "@/auth/token";
import type { Connection } from "./connection";
import { wordsFor } from "./words";

/** For `useChat`: the caller's token goes along, a refused one is replaced, and what fails is told in words. */
export function chatFetch(getToken: GetToken): typeof fetch {
  return async (input, init) => {
    const send = async (isRefused: boolean) => {
      const headers = new Headers(init?.headers);
      headers.set("Authorization", `Bearer ${await getToken(isRefused)}`);
      return fetch(input, { ...init, headers });
    };
    try {
      let response = await send(false);
      if (response.status === 401) response = await send(true);
      if (response.ok) return response;
      return new Response((await response.json()).detail, response);
    } catch (error) {
      if (init?.signal?.aborted) throw error;
      throw new Error(wordsFor(error));
    }
  };
}

/** What was said under this name before. */
export async function history({ todo }: Connection, name: string): Promise<UIMessage[]> {
  const { data } = await unwrap(todo.api.GET("/api/conversations", { params: { query: { name } } }));
  const [conversation] = data;
  if (!conversation) return [];
  const path = { conversation_id: conversation.id };
  const { messages } = await unwrap(todo.api.GET("/api/conversations/{conversation_id}", { params: { path } }));
  return messages.map(({ id, role, content }) => ({ id: String(id), role, parts: [{ type: "text", text: content }] }));
}
