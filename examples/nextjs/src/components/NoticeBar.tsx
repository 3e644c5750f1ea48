import type { Notice } from "@/todo/useTasks";

interface Props {
  notice: Notice | null;
  dismiss: () => void;
  /** Moves the focus, for the button that had it goes away. */
  goBack: () => void;
}

/** A live region: it is always there, so that what comes into it is read out. */
export function NoticeBar({ notice, dismiss, goBack }: Props) {
  const isThere = notice !== null;
  return (
    <div className={`notice ${isThere ? "there" : ""} ${notice?.isProblem ? "problem" : ""}`}>
      <p role="status">{notice?.text}</p>
      {notice?.undo && (
        <button
          className="main"
          autoFocus
          onClick={() => {
            void notice.undo?.();
            goBack();
          }}
        >
          Undo
        </button>
      )}
      {isThere && (
        <button
          onClick={() => {
            dismiss();
            goBack();
          }}
        >
          Close
        </button>
      )}
    </div>
  );
}
