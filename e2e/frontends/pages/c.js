// Arrays or the envelope, /complete with a body, chat.

const person = { email: "ada@example.com", password: "correct horse battery" };
const tasks = ({ memory }) => `/api/${memory.user_id}/tasks`;
const listed = (answer) => (Array.isArray(answer) ? answer : answer.data);

async function logIn({ call, expect, memory }) {
  const { access_token, user } = await call("POST", "/api/auth/login", person);
  expect(access_token && user.email === person.email, "login", user);
  Object.assign(memory, { token: access_token, user_id: user.id });
}

export const steps = {
  "sign up": async ({ call, expect }) => {
    const { access_token } = await call("POST", "/api/auth/signup", { ...person, name: "Ada" });
    expect(access_token, "signup");
  },
  "wrong password": ({ call, refused }) =>
    refused(401, () => call("POST", "/api/auth/login", { ...person, password: "wrong" })),
  "log in": logIn,
  "add with due date and priority": async (tools) => {
    const task = await tools.call("POST", tasks(tools), { title: "Buy milk", dueDate: "2026-01-14", priority: "high" });
    tools.memory.id = task.id;
    return "reload";
  },
  "list after a reload": async (tools) => {
    const [task, ...more] = listed(await tools.call("GET", tasks(tools)));
    tools.expect(!more.length && task.due_at.startsWith("2026-01-14") && task.priority === "high", "the list", task);
  },
  "complete and reopen": async (tools) => {
    const path = `${tasks(tools)}/${tools.memory.id}/complete`;
    tools.expect((await tools.call("PATCH", path, { completed: true })).completed === true, "completed");
    tools.expect((await tools.call("PATCH", path, { completed: false })).completed === false, "reopened");
  },
  "edit": async (tools) => {
    const path = `${tasks(tools)}/${tools.memory.id}`;
    const edited = await tools.call("PATCH", path, { title: "Buy oat milk" });
    tools.expect(edited.title === "Buy oat milk" && edited.priority === "high", "edited", edited);
  },
  "chat": async (tools) => {
    const path = `/api/${tools.memory.user_id}/chat`;
    const turn = await tools.call("POST", path, { message: "Add task: call mum" });
    tools.expect(turn.response.length > 0 && turn.tool_calls[0].tool === "add_task", "turn", turn);
    const next = await tools.call("POST", path, { conversation_id: turn.conversation_id, message: "show my tasks" });
    tools.expect(next.conversation_id === turn.conversation_id, "the same conversation", next);
  },
  "delete": async (tools) => {
    await tools.call("DELETE", `${tasks(tools)}/${tools.memory.id}`);
    tools.expect(listed(await tools.call("GET", tasks(tools))).length === 1, "the chat's is left");
  },
  "log out": async (tools) => {
    await tools.call("POST", "/api/auth/logout");
    await tools.refused(401, () => tools.call("GET", tasks(tools)));
    delete tools.memory.token;
  },
  "log in again": logIn,
  "expired token": async (tools) => {
    tools.memory.token = tools.expired;
    await tools.refused(401, () => tools.call("GET", tasks(tools)));
  },
};
