// Paths under /api/v1, tasks below users/{id}, bare arrays, a flat token.

const person = { email: "ada@example.com", password: "correct horse battery" };
const tasks = ({ memory }) => `/api/v1/users/${memory.user_id}/tasks`;

async function logIn({ call, expect, memory }) {
  const answer = await call("POST", "/api/v1/login", person);
  expect(answer.token && answer.user_id && answer.email === person.email && answer.name === "Ada", "login", answer);
  Object.assign(memory, { token: answer.token, user_id: answer.user_id });
}

export const steps = {
  "sign up": async ({ call, expect }) => {
    const answer = await call("POST", "/api/v1/register", { ...person, name: "Ada" });
    expect(answer.token && answer.user_id, "register", answer);
  },
  "wrong password": ({ call, refused }) =>
    refused(401, () => call("POST", "/api/v1/login", { ...person, password: "wrong" })),
  "log in": logIn,
  "add with due date and priority": async (tools) => {
    const task = await tools.call("POST", tasks(tools), {
      title: "Buy milk", description: "", due_date: "2026-01-14", priority: "High",
    });
    tools.memory.id = task.id;
    return "reload";
  },
  "list after a reload": async (tools) => {
    const [task, ...more] = await tools.call("GET", `${tasks(tools)}?status=all&priority=`);
    tools.expect(!more.length && task.title === "Buy milk" && task.status === "pending", "the list", task);
    tools.expect(task.due_date.slice(0, 10) === "2026-01-14" && task.priority === "high", "the task", task);
  },
  "complete and reopen": async (tools) => {
    const path = `${tasks(tools)}/${tools.memory.id}`;
    const done = await tools.call("PATCH", `${path}/complete`);
    tools.expect(done.status === "completed" && done.completed === true, "completed", done);
    const open = await tools.call("PATCH", `${path}/toggle`);
    tools.expect(open.status === "pending" && open.completed === false, "reopened", open);
  },
  "edit": async (tools) => {
    const [task] = await tools.call("GET", tasks(tools));
    const sent = { ...task, title: "Buy oat milk", due_date: "2026-02-01" };
    const edited = await tools.call("PUT", `${tasks(tools)}/${task.id}`, sent);
    tools.expect(edited.title === "Buy oat milk" && edited.due_date.startsWith("2026-02-01"), "edited", edited);
  },
  "delete": async (tools) => {
    await tools.call("DELETE", `${tasks(tools)}/${tools.memory.id}`);
    tools.expect((await tools.call("GET", tasks(tools))).length === 0, "nothing left");
  },
  "log out": async (tools) => {
    await tools.call("POST", "/api/v1/auth/logout");
    await tools.refused(401, () => tools.call("GET", tasks(tools)));
    delete tools.memory.token;
  },
  "log in again": logIn,
  "expired token": async (tools) => {
    tools.memory.token = tools.expired;
    await tools.refused(401, () => tools.call("GET", tasks(tools)));
  },
};
