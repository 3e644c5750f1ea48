// A page as the documentation of useChat has it; all that is ours is where it sends to, and who it says is calling.

import { useChat } from "@ai-sdk/react";
import { DefaultChatTransport, lastAssistantMessageIsCompleteWithApprovalResponses, lastAssistantMessageIsCompleteWithToolCalls } from "ai";
import { useState } from "react";
import { createRoot } from "react-dom/client";

const settings = new URLSearchParams(location.search);
const [api, user, token, id] = ["api", "user", "token", "id"].map((name) => settings.get(name));
const headers = { Authorization: `Bearer ${token}` };

function Part({ part, answer }) {
  if (part.type === "text") return <p>{part.text}</p>;
  if (!part.type.startsWith("tool-")) return null;
  return (
    <div className={part.type} data-state={part.state}>
      {part.state === "approval-requested" && <>
        <button className="approve" onClick={() => answer({ id: part.approval.id, approved: true })}>Approve {part.title}</button>
        <button className="deny" onClick={() => answer({ id: part.approval.id, approved: false })}>Deny</button>
      </>}
      {part.state === "output-available" && <pre>{JSON.stringify(part.output)}</pre>}
      {part.state === "output-error" && <pre>{part.errorText}</pre>}
    </div>
  );
}

function Chat({ before }) {
  const [input, setInput] = useState("");
  const { messages, sendMessage, status, error, stop, regenerate, addToolApprovalResponse } = useChat({
    id,
    messages: before,
    resume: before.length > 0,
    transport: new DefaultChatTransport({ api: `${api}/api/${user}/chat`, headers, body: { timezone: "Europe/Rome" } }),
    sendAutomaticallyWhen: (chat) =>
      lastAssistantMessageIsCompleteWithApprovalResponses(chat) || lastAssistantMessageIsCompleteWithToolCalls(chat),
    onData: (part) => { if (part.type === "data-turn") window.turns.push(part.data); },
  });
  return (
    <main data-status={status}>
      {messages.map((message) => (
        <article key={message.id} className={message.role}>
          {message.parts.map((part, index) => <Part key={index} part={part} answer={addToolApprovalResponse} />)}
        </article>
      ))}
      {error && <aside>{error.message}</aside>}
      <form onSubmit={(event) => { event.preventDefault(); sendMessage({ text: input }); setInput(""); }}>
        <input value={input} onChange={(event) => setInput(event.target.value)} />
      </form>
      <button id="stop" onClick={stop}>Stop</button>
      <button id="regenerate" onClick={() => regenerate()}>Again</button>
    </main>
  );
}

// What was said under this id before, as messages of useChat.
async function history() {
  const own = `${api}/api/${user}/conversations`;
  const read = async (url) => (await fetch(url, { headers })).json();
  const { data: [conversation] } = await read(`${own}?name=${encodeURIComponent(id)}`);
  if (!conversation) return [];
  const { messages } = await read(`${own}/${conversation.id}`);
  return messages.map(({ id, role, content, tool_calls }) => ({
    id, role,
    parts: [
      ...tool_calls.map((call, index) => ({
        type: `tool-${call.tool}`, toolCallId: `${id}-${index}`, state: "output-available",
        input: call.arguments, output: call.result,
      })),
      { type: "step-start" },
      { type: "text", text: content },
    ],
  }));
}

window.turns = [];
history().then((before) => createRoot(document.getElementById("root")).render(<Chat before={before} />));
