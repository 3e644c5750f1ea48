// {data: {tasks, total}}, and tokens that its own Better Auth signs with the shared secret. /own/ is where the page
// came from, which stands before Better Auth as its Next.js does.

const person = { email: "ada@example.com", password: "correct horse battery", name: "Ada" };
const tasks = ({ memory }) => `/api/${memory.user_id}/tasks`;

async function enter({ call, memory }, path, body) {
  delete memory.token;
  const { user } = await call("POST", `/own/api/auth/${path}`, body);
  const { token } = await call("GET", "/own/api/shared-token");
  Object.assign(memory, { token, user_id: user.id });
}

export const steps = {
  "sign up": (tools) => enter(tools, "sign-up/email", person),
  "wrong password": ({ call, refused }) =>
    refused(401, () => call("POST", "/own/api/auth/sign-in/email", { ...person, password: "wrong password" })),
  "add with due date and priority": async (tools) => {
    const task = await tools.call("POST", tasks(tools), {
      title: "Buy milk", due_date: "2026-01-14", priority: "High", user_id: tools.memory.user_id,
    });
    tools.memory.id = task.id;
    return "reload";
  },
  "list after a reload": async (tools) => {
    const { data } = await tools.call("GET", `${tasks(tools)}?status=all&sort=created_newest&limit=10&offset=0`);
    tools.expect(data.total === 1 && data.pending_count === 1 && data.completed_count === 0, "totals", data);
    tools.expect(data.tasks[0].due_date.startsWith("2026-01-14") && data.tasks[0].status === "pending", "it", data);
  },
  "complete and reopen": async (tools) => {
    const path = `${tasks(tools)}/${tools.memory.id}/complete`;
    tools.expect((await tools.call("PATCH", path, { completed: true })).status === "completed", "completed");
    const { data } = await tools.call("GET", `${tasks(tools)}?status=Completed`);
    tools.expect(data.total === 1 && data.completed_count === 1, "counted", data);
    tools.expect((await tools.call("PATCH", path, { completed: false })).status === "pending", "reopened");
  },
  "edit": async (tools) => {
    const { data } = await tools.call("GET", tasks(tools));
    const sent = { ...data.tasks[0], title: "Buy oat milk", status: "completed" };
    const edited = await tools.call("PUT", `${tasks(tools)}/${tools.memory.id}`, sent);
    tools.expect(edited.title === "Buy oat milk" && edited.completed === true, "edited", edited);
  },
  "delete": async (tools) => {
    await tools.call("DELETE", `${tasks(tools)}/${tools.memory.id}`);
    tools.expect((await tools.call("GET", tasks(tools))).data.total === 0, "nothing left");
  },
  "log out": async (tools) => {
    await tools.call("POST", "/api/auth/logout");
    await tools.refused(401, () => tools.call("GET", tasks(tools)));
    await tools.call("POST", "/own/api/auth/sign-out", {});
  },
  // A token of the second in which the last one ended would be the same one.
  "log in": (tools) => new Promise((resolve) => setTimeout(resolve, 1100)).then(() => enter(tools, "sign-in/email", person)),
  "list again": async (tools) => {
    tools.expect((await tools.call("GET", tasks(tools))).data.total === 0, "an empty list");
  },
  "expired token": async (tools) => {
    tools.memory.token = tools.expired;
    await tools.refused(401, () => tools.call("GET", tasks(tools)));
  },
};
