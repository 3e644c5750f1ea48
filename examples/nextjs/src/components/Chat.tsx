import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport, lastAssistantMessageIsCompleteWithApprovalResponses, type UIMessage } from "ai";
import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import { chatFetch, history } from "@/todo/chat";
import type { Connection } from "@/todo/connection";
import { ChatMessage } from "./ChatMessage";

/** The name of the conversation: a page that comes back goes on with it. */
const CONVERSATION = "page";

interface Props {
  connection: Connection;
  /** After an answer, which may have changed tasks. */
  onChange: () => void;
}

export function Chat({ connection, onChange }: Props) {
  const [before, setBefore] = useState<UIMessage[] | null>(null);

  useEffect(() => {
    // Without what was said before one can still begin.
    void history(connection, CONVERSATION).catch(() => []).then(setBefore);
  }, [connection]);

  return (
    <section aria-labelledby="assistant" className="chat">
      <h2 id="assistant">Assistant</h2>
      {before && <Conversation connection={connection} onChange={onChange} before={before} />}
    </section>
  );
}

function Conversation({ connection, onChange, before }: Props & { before: UIMessage[] }) {
  const transport = useMemo(
    () =>
      new DefaultChatTransport({
        api: `${connection.serviceUrl}/api/${connection.userId}/chat`,
        fetch: chatFetch(connection.getToken),
        body: { timezone: Intl.DateTimeFormat().resolvedOptions().timeZone },
      }),
    [connection],
  );
  const { messages, sendMessage, status, error, addToolApprovalResponse } = useChat({
    id: CONVERSATION,
    messages: before,
    transport,
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
    onFinish: onChange,
  });

  // What was said last is in view.
  const said = useRef<HTMLDivElement>(null);
  useEffect(() => {
    said.current?.scrollTo(0, said.current.scrollHeight);
  }, [messages]);

  function say(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("text")).trim();
    if (!text || status === "submitted" || status === "streaming") return;
    event.currentTarget.reset();
    void sendMessage({ text });
  }

  return (
    <div className="card">
      <div ref={said} className="said" role="log" aria-label="Conversation" tabIndex={0}>
        {messages.length === 0 && <p className="empty">Try “remind me to pay the rent tomorrow at 9”.</p>}
        {messages.map((message) => (
          <ChatMessage key={message.id} message={message} answer={addToolApprovalResponse} />
        ))}
        {status === "submitted" && <p className="empty">…</p>}
      </div>
      <p role="alert" className="problem">
        {error?.message}
      </p>
      <form className="say" onSubmit={say}>
        <label className="wide">
          Message
          <input name="text" maxLength={4000} autoComplete="off" />
        </label>
        <button className="main">Send</button>
      </form>
    </div>
  );
}
