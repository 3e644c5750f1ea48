// Better Auth's own session token, toggling /complete, bare arrays, admin paths. /own/ is where the page came from,
// which stands before Better Auth as its Next.js does.

const person = { email: "ada@example.com", password: "correct horse battery", name: "Ada" };
const tasks = ({ memory }) => `/api/${memory.user_id}/tasks`;

async function enter({ call, expect, memory }, path, body) {
  delete memory.token;
  const { token, user } = await call("POST", `/own/api/auth/${path}`, body);
  expect(token && !token.includes(".") && user.email === body.email, path, { token, user });
  Object.assign(memory, { token, user_id: user.id });
}

export const steps = {
  "sign up": (tools) => enter(tools, "sign-up/email", person),
  "wrong password": ({ call, refused }) =>
    refused(401, () => call("POST", "/own/api/auth/sign-in/email", { ...person, password: "wrong password" })),
  "add with due date and priority": async (tools) => {
    const task = await tools.call("POST", tasks(tools), {
      title: "Buy milk", due_date: "2026-01-14T12:00", priority: "urgent",
    });
    tools.memory.id = task.id;
    return "reload";
  },
  "list after a reload": async (tools) => {
    const [task, ...more] = await tools.call("GET", `${tasks(tools)}?status=Pending&sort_by=due_date&order=asc`);
    tools.expect(!more.length && task.title === "Buy milk" && task.priority === "high", "the list", task);
    tools.expect(task.due_date.startsWith("2026-01-14T12:00"), "due", task);
  },
  "complete and reopen": async (tools) => {
    const path = `${tasks(tools)}/${tools.memory.id}/complete`;
    tools.expect((await tools.call("PATCH", path)).completed === true, "completed");
    tools.expect((await tools.call("PATCH", path)).completed === false, "reopened");
  },
  "edit": async (tools) => {
    const edited = await tools.call("PUT", `${tasks(tools)}/${tools.memory.id}`, { title: "Buy oat milk" });
    tools.expect(edited.title === "Buy oat milk" && edited.due_date.startsWith("2026-01-14"), "edited", edited);
  },
  "chat": async (tools) => {
    const turn = await tools.call("POST", `/api/${tools.memory.user_id}/chat`, { message: "Add task: call mum" });
    tools.expect(turn.tool_calls[0].name === "add_task" && turn.message.content === turn.response, "turn", turn);
    const history = await tools.call("GET", `/api/${tools.memory.user_id}/conversations/${turn.conversation_id}/messages`);
    tools.expect(history.length === 2 && history[1].tool_calls[0].name === "add_task", "history", history);
  },
  "delete": async (tools) => {
    for (const { id } of await tools.call("GET", tasks(tools))) await tools.call("DELETE", `${tasks(tools)}/${id}`);
    tools.expect((await tools.call("GET", tasks(tools))).length === 0, "nothing left");
  },
  "a task for the admin to delete": (tools) => tools.call("POST", tasks(tools), { title: "Forbidden" }),
  "log out": async (tools) => {
    await tools.call("POST", "/own/api/auth/sign-out", {});
    // It is trusted for five seconds more.
    await new Promise((resolve) => setTimeout(resolve, 5500));
    await tools.refused(401, () => tools.call("GET", tasks(tools)));
  },
  "log in": (tools) => enter(tools, "sign-in/email", person),
  "the admin signs up": async (tools) => {
    tools.memory.ada = tools.memory.user_id;
    await enter(tools, "sign-up/email", { ...person, email: "admin@example.com", name: "Grace" });
    await tools.call("GET", tasks(tools));
    await tools.call("POST", "/own/promote", { id: tools.memory.user_id });
  },
  "the admin's pages": async (tools) => {
    const users = await tools.call("GET", "/api/admin/users");
    const ada = users.find((user) => user.id === tools.memory.ada);
    tools.expect(users.length === 2 && ada.email === "ada@example.com" && ada.task_count === 1, "users", users);
    const path = `/api/admin/users/${ada.id}`;
    const [task] = await tools.call("GET", `${path}/tasks`);
    await tools.call("DELETE", `${path}/tasks/${task.id}`);
    tools.expect((await tools.call("GET", `${path}/tasks`)).length === 0, "its tasks");
    tools.expect((await tools.call("PATCH", `${path}/role`, { role: "admin" })).role === "admin", "promoted");
    await tools.call("DELETE", path);
    tools.expect((await tools.call("GET", "/api/admin/users")).length === 1, "one left");
  },
  "expired token": async (tools) => {
    await tools.call("POST", "/own/expire", {});
    await new Promise((resolve) => setTimeout(resolve, 5500));
    await tools.refused(401, () => tools.call("GET", tasks(tools)));
  },
};
