// Tasks and chat without a user id, the envelope, is_completed, response_text and tool_invocations.

const person = { email: "ada@example.com", password: "correct horse battery" };

async function logIn({ call, expect, memory }) {
  const answer = await call("POST", "/api/auth/signin", person);
  expect(answer.token && answer.user_id && answer.email === person.email, "login", answer);
  memory.token = answer.token;
}

export const steps = {
  "sign up": async ({ call, expect, memory }) => {
    const answer = await call("POST", "/api/auth/register", { ...person, name: "Ada" });
    expect(answer.token && answer.user_id, "register", answer);
    memory.token = answer.token;
  },
  "wrong password": ({ call, refused }) =>
    refused(401, () => call("POST", "/api/auth/signin", { ...person, password: "wrong" })),
  "log in": logIn,
  "who am I": async ({ call, expect }) => {
    const { user } = await call("GET", "/api/auth/me");
    expect(user.email === person.email, "me", user);
  },
  "add with due date and priority": async ({ call, memory }) => {
    const task = await call("POST", "/api/tasks", { title: "Buy milk", due_date: "2026-01-14", priority: "none" });
    memory.id = task.id;
    return "reload";
  },
  "list after a reload": async ({ call, expect }) => {
    const { data, meta } = await call("GET", "/api/tasks?skip=0&limit=20");
    expect(meta.count === 1 && data[0].is_completed === false && data[0].priority === "medium", "the list", data);
    expect(data[0].due_at === "2026-01-14T00:00:00.000000Z", "due", data);
    expect((await call("GET", "/api/tasks?skip=1&limit=20")).data.length === 0, "the second page");
  },
  "complete and reopen": async ({ call, expect, memory }) => {
    const done = await call("PATCH", `/api/tasks/${memory.id}/complete`);
    expect(done.is_completed === true && done.completed_at, "completed", done);
    expect((await call("PATCH", `/api/tasks/${memory.id}/complete`)).is_completed === false, "reopened");
  },
  "edit": async ({ call, expect, memory }) => {
    const edited = await call("PUT", `/api/tasks/${memory.id}`, { title: "Buy oat milk" });
    expect(edited.title === "Buy oat milk" && edited.due_at, "edited", edited);
  },
  "chat": async ({ call, expect }) => {
    const turn = await call("POST", "/api/chat", { message: "Add task: call mum" });
    expect(turn.response_text && turn.tool_invocations[0].name === "add_task", "turn", turn);
    const answer = await call("GET", `/api/conversations/${turn.conversation_id}/messages`);
    expect(answer.data.length === 2, "history", answer);
  },
  "delete": async ({ call, expect, memory }) => {
    await call("DELETE", `/api/tasks/${memory.id}`);
    expect((await call("GET", "/api/tasks")).meta.count === 1, "the chat's is left");
  },
  "log out": async ({ call, refused, memory }) => {
    await call("POST", "/api/auth/logout");
    await refused(401, () => call("GET", "/api/tasks"));
    delete memory.token;
  },
  "log in again": logIn,
  "expired token": async ({ call, refused, memory, expired }) => {
    memory.token = expired;
    await refused(401, () => call("GET", "/api/tasks"));
  },
};
