// Runs the steps of one frontend in order, over the reloads it asks for, and reports to where the page came from.
// ?frontend=a&api=http://127.0.0.1:8000&expired=<a token that has expired>

const query = new URLSearchParams(location.search);
const { steps } = await import(`./${query.get("frontend")}.js`);
const memory = JSON.parse(sessionStorage.getItem("memory") ?? "{}");

export class Refused extends Error {
  constructor(status, problem) {
    // What the frontends show a person.
    super(problem.message);
    this.status = status;
  }
}

async function call(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (memory.token) headers.Authorization = `Bearer ${memory.token}`;
  const base = path.startsWith("/own/") ? location.origin + path.slice(4) : query.get("api") + path;
  const response = await fetch(base, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

function expect(holds, what, found) {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(found)}`);
}

async function refused(status, request) {
  try {
    await request();
  } catch (error) {
    if (error instanceof Refused && error.status === status) {
      expect(error.message.length > 10, "a sentence to show", error.message);
      return error.message;
    }
    throw error;
  }
  throw new Error(`not refused with ${status}`);
}

const report = (outcome) => fetch("/report", { method: "POST", body: JSON.stringify(outcome) });
const tools = { call, expect, refused, memory, expired: query.get("expired") };
const names = Object.keys(steps);

for (let at = Number(sessionStorage.getItem("at") ?? 0); at < names.length; at++) {
  sessionStorage.setItem("at", at + 1);
  try {
    const wants = await steps[names[at]](tools);
    sessionStorage.setItem("memory", JSON.stringify(memory));
    if (wants === "reload") {
      location.reload();
      await new Promise(() => {});
    }
  } catch (error) {
    await report({ failed: names[at], error: String(error) });
    throw error;
  }
}
await report({ done: names });
