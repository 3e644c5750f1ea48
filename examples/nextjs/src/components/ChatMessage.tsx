import { isToolUIPart, type UIMessage } from "ai";

interface Props {
  message: UIMessage;
  answer: (answer: { id: string; approved: boolean }) => void;
}

/** What was said, and what the assistant asks before it does it. What it did is in its words, and in the list. */
export function ChatMessage({ message, answer }: Props) {
  return (
    <div className={`message ${message.role}`}>
      <span className="hidden">{message.role === "user" ? "You:" : "Assistant:"}</span>
      {message.parts.map((part, index) => {
        if (part.type === "text") return <p key={index}>{part.text}</p>;
        if (!isToolUIPart(part) || part.state !== "approval-requested") return null;
        const { id } = part.approval;
        return (
          <div key={index} className="actions">
            <span>{part.title}?</span>
            <button className="main" onClick={() => answer({ id, approved: true })}>
              Yes
            </button>
            <button onClick={() => answer({ id, approved: false })}>No</button>
          </div>
        );
      })}
    </div>
  );
}
