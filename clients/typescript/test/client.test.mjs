// Against the real service at TODO_URL; where something has to go wrong on the way, fetch is what breaks.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { AnswerError, createTodoClient, inMemory, isProblem, ProblemError, stored, unwrap } from "../dist/index.js";
import { readEvents } from "../dist/events.js";
import { retryAfter } from "../dist/repeating.js";

const baseUrl = process.env.TODO_URL;
const QUICK = { firstWait: 1 };
const password = "correct horse battery";
const newEmail = () => `${randomUUID()}@example.com`;

/** Passes on to the service what `around` lets through, and keeps what was sent. */
function recording(around = (pass) => pass()) {
  const sent = [];
  const fetch = async (url, init) => {
    sent.push({ path: new URL(url).pathname, ...init });
    return around(() => globalThis.fetch(url, init), sent.at(-1), sent.length);
  };
  return { fetch, sent, count: (path) => sent.filter((one) => one.path === path).length };
}

async function signedUp(options = {}) {
  const storage = options.storage ?? inMemory();
  const client = createTodoClient({ baseUrl, patience: QUICK, ...options, storage });
  await client.auth.signUp({ email: newEmail(), password, name: "Ada" });
  return { ...client, storage };
}

function spoilAccess(storage) {
  storage.save({ ...storage.load(), access_token: `${storage.load().access_token}x` });
}

test("a session starts, is kept, and ends", async () => {
  const { auth, storage, tasks } = await signedUp();
  assert.equal((await auth.me()).id, (await auth.user()).id);
  const { access_token } = storage.load();

  await auth.logOut();

  assert.equal(storage.load(), null);
  await assert.rejects(tasks.page(), (error) => isProblem(error, "not_authenticated"));
  const { response } = await createTodoClient({ baseUrl, getToken: () => access_token }).api.GET("/api/auth/me");
  assert.equal(response.status, 401);
});

test("logging out ends the session here also when the service is away", async () => {
  const storage = inMemory();
  await signedUp({ storage });
  const { fetch } = recording(() => Promise.reject(new TypeError("away")));

  await assert.rejects(createTodoClient({ baseUrl, storage, fetch }).auth.logOut(), /away/);

  assert.equal(storage.load(), null);
});

test("parallel refusals share one refresh", async () => {
  const { fetch, count } = recording();
  const { storage, tasks } = await signedUp({ fetch });
  spoilAccess(storage);
  const before = storage.load().refresh_token;

  await Promise.all(Array.from({ length: 8 }, (_, index) => tasks.create({ title: `Task ${index}` })));

  assert.equal(count("/api/auth/refresh"), 1);
  assert.notEqual(storage.load().refresh_token, before);
  assert.equal((await tasks.page()).data.length, 8);
});

test("two tabs that share a storage both go on", async () => {
  const texts = new Map();
  const storage = stored({
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => texts.set(key, value),
    removeItem: (key) => texts.delete(key),
  });
  const [one, other] = [await signedUp({ storage }), createTodoClient({ baseUrl, storage })];
  const held = await storage.load();
  await storage.save({ ...held, access_token: "spoilt" });

  await Promise.all([one.tasks.create({ title: "One" }), other.tasks.create({ title: "Other" })]);

  assert.equal((await other.tasks.page()).data.length, 2);
});

test("a refused refresh signs out, once for all who asked", async () => {
  let ended = 0;
  const { fetch, count } = recording();
  const { storage, tasks } = await signedUp({ fetch, onSignedOut: () => ended++ });
  storage.save({ ...storage.load(), access_token: "spoilt", refresh_token: "spoilt" });

  const answers = await Promise.allSettled([tasks.page(), tasks.page(), tasks.page()]);

  assert.deepEqual(answers.map(({ reason }) => [reason.status, reason.code]), Array(3).fill([401, "token_invalid"]));
  assert.deepEqual([ended, storage.load(), count("/api/auth/refresh")], [1, null, 1]);
});

test("a service that is away at a refresh signs nobody out", async () => {
  let isAway = true;
  const { fetch } = recording((pass, { path }) => {
    if (isAway && path === "/api/auth/refresh") throw new TypeError("away");
    return pass();
  });
  const { storage, tasks } = await signedUp({ fetch, onSignedOut: () => assert.fail("signed out") });
  spoilAccess(storage);
  await assert.rejects(tasks.page(), /away/);

  isAway = false;

  assert.deepEqual((await tasks.page()).data, []);
});

test("nor does one that is busy", async () => {
  const { fetch } = recording((pass, { path }) =>
    path === "/api/auth/refresh" ? new Response("", { status: 503, headers: { "Retry-After": "60" } }) : pass(),
  );
  const { storage, tasks } = await signedUp({ fetch, onSignedOut: () => assert.fail("signed out") });
  spoilAccess(storage);

  await assert.rejects(tasks.page(), { name: "AnswerError", status: 503 });

  assert.ok(storage.load());
});

test("whoever signs out during a refresh stays signed out", async () => {
  const storage = inMemory();
  const { fetch } = recording(async (pass, { path }) => {
    const answer = await pass();
    if (path === "/api/auth/refresh") storage.save(null);
    return answer;
  });
  const { tasks } = await signedUp({ storage, fetch });
  spoilAccess(storage);

  await assert.rejects(tasks.page(), (error) => isProblem(error, "token_invalid"));

  assert.equal(storage.load(), null);
});

test("another issuer's token is asked for again when it is refused", async () => {
  const { storage } = await signedUp();
  const asked = [];
  const getToken = (isRefused) => {
    asked.push(isRefused);
    return isRefused ? storage.load().access_token : "spoilt";
  };

  await createTodoClient({ baseUrl, getToken }).auth.me();

  assert.deepEqual(asked, [false, true]);
});

test("a list is walked page by page", async () => {
  const { fetch, sent } = recording();
  const { tasks } = await signedUp({ fetch });
  const operations = Array.from({ length: 7 }, (_, index) => ({ op: "create", data: { title: `Task ${index}` } }));
  assert.deepEqual((await tasks.bulk(operations)).map(({ status }) => status), Array(7).fill(201));
  sent.length = 0;

  const titles = [];
  for await (const task of tasks.list({ ordering: "title", limit: 3, status: "pending" })) titles.push(task.title);

  assert.deepEqual(titles, operations.map(({ data }) => data.title));
  assert.equal(sent.length, 3);
});

test("a change of what somebody else changed is refused", async () => {
  const { storage, tasks } = await signedUp();
  const { tasks: elsewhere } = createTodoClient({ baseUrl, storage });
  const { id } = await tasks.create({ title: "Buy milk" });
  const opened = tasks.versionOf(id);
  await elsewhere.get(id);
  await elsewhere.update(id, { title: "Buy bread" }, { ifMatch: true });

  for (const change of [
    () => tasks.update(id, { title: "Buy tea" }, { ifMatch: true }),
    () => tasks.toggle(id, { ifMatch: opened }),
    () => tasks.complete(id, true, { ifMatch: true }),
    () => tasks.remove(id, { ifMatch: true }),
  ]) {
    await assert.rejects(change(), (error) => isProblem(error, "precondition_failed") && error.status === 412);
  }
  assert.equal((await tasks.get(id)).title, "Buy bread");
  assert.equal((await tasks.complete(id, true, { ifMatch: true })).completed, true);
  await tasks.remove(id, { ifMatch: true });
  await assert.rejects(tasks.get(id), (error) => isProblem(error, "task_not_found"));
  assert.throws(() => tasks.toggle(id, { ifMatch: true }), TypeError);
});

test("a creation whose answer is lost is sent again, and done once", async () => {
  let isLost = false;
  const { fetch, sent } = recording(async (pass, { method, path }) => {
    const answer = await pass();
    if (method === "POST" && path === "/api/tasks" && !isLost) {
      isLost = true;
      throw new TypeError("broken off");
    }
    return answer;
  });
  const { tasks } = await signedUp({ fetch });

  const task = await tasks.create({ title: "Buy milk" });

  assert.deepEqual((await tasks.page()).data.map(({ id }) => id), [task.id]);
  assert.equal(sent.filter(({ method, path }) => method === "POST" && path === "/api/tasks").length, 2);
});

test("what is not safe to repeat is sent once", async () => {
  let isAway = false;
  const { fetch, sent } = recording((pass) => (isAway ? Promise.reject(new TypeError("away")) : pass()));
  const { api, auth, tasks } = await signedUp({ fetch });
  const { id } = await tasks.create({ title: "Buy milk" });
  isAway = true;

  for (const [call, times] of [
    [() => tasks.update(id, { title: "Buy bread" }), 1],
    [() => tasks.toggle(id), 1],
    [() => api.POST("/api/tasks", { body: { title: "Buy bread" } }), 1],
    [() => tasks.remove(id, { ifMatch: true }), 1],
    [() => auth.logIn({ email: newEmail(), password }), 1],
    [() => tasks.remove(id), 4],
    [() => tasks.page(), 4],
    [() => tasks.bulk([{ op: "delete", id }]), 4],
  ]) {
    sent.length = 0;
    await assert.rejects(call(), /away/);
    assert.equal(sent.length, times, call.toString());
  }
});

test("a busy service is asked again when it says so, and not when that is long", async () => {
  const busy = (seconds) =>
    new Response('{"code": "unavailable", "detail": "Busy.", "status": 503, "errors": []}', {
      status: 503,
      headers: { "Retry-After": seconds },
    });
  const answers = ["0", "0"];
  const { fetch, sent } = recording((pass, { path }) =>
    path === "/api/tasks" && answers.length ? busy(answers.shift()) : pass(),
  );
  const { tasks } = await signedUp({ fetch });
  assert.deepEqual((await tasks.page()).data, []);
  assert.equal(sent.length, 4);

  answers.push("3600");

  await assert.rejects(tasks.page(), (error) => isProblem(error, "unavailable"));
  assert.equal(sent.length, 5);
});

test("Retry-After is seconds or a date", () => {
  assert.equal(retryAfter("2"), 2000);
  const wait = retryAfter(new Date(Date.now() + 60_000).toUTCString());
  assert.ok(wait > 50_000 && wait <= 60_000);
  assert.deepEqual([retryAfter("Thu, 01 Jan 1970 00:00:00 GMT"), retryAfter("soon"), retryAfter(null)], [0, null, null]);
});

test("a wait ends when the call is aborted", { timeout: 8_000 }, async () => {
  const { fetch } = recording(() => new Response("", { status: 503, headers: { "Retry-After": "10" } }));
  const stopping = new AbortController();
  const call = createTodoClient({ baseUrl, fetch }).tasks.page({}, { signal: stopping.signal });

  setTimeout(() => stopping.abort(), 20);

  await assert.rejects(call, { name: "AbortError" });
});

test("problems have a code, and the fields at fault", async () => {
  const { api, auth, tasks } = await signedUp();
  const { email } = await auth.user();
  await assert.rejects(auth.signUp({ email, password }), (error) => isProblem(error, "email_taken", "invalid"));
  await assert.rejects(tasks.create({ title: "" }), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.deepEqual([error.code, error.errors[0].field], ["invalid", "title"]);
    return !isProblem(error, "email_taken") && isProblem(error);
  });
  await assert.rejects(unwrap(api.GET("/api/admin/users")), (error) => isProblem(error, "forbidden"));
});

test("an answer of something between is no problem of the service", async () => {
  const { fetch } = recording(() => new Response("<h1>Bad gateway</h1>", { status: 500 }));

  await assert.rejects(createTodoClient({ baseUrl, fetch }).tasks.page(), (error) => {
    assert.ok(error instanceof AnswerError && !isProblem(error));
    return error.status === 500;
  });
});

test("a chat turn streams", async () => {
  const { chat, tasks } = await signedUp();

  const events = [];
  for await (const event of chat.stream({ message: "Add task: buy milk" })) events.push(event);

  assert.equal(events.filter(({ event }) => event === "message").map(({ data }) => data.delta).join(""), events.at(-1).data.response);
  assert.deepEqual(events.filter(({ event }) => event === "tool_call").map(({ data }) => data.tool), ["add_task"]);
  assert.equal(events.at(-1).event, "done");
  assert.equal((await tasks.page()).data.length, 1);
});

test("a turn that is refused before it begins is thrown", async () => {
  const { chat } = await signedUp();

  await assert.rejects(chat.stream({ message: "" }).next(), (error) => isProblem(error, "invalid"));
});

test("who stops listening hangs up", async () => {
  const { chat } = await signedUp();
  for await (const event of chat.stream({ message: "Show my tasks" })) {
    assert.ok(event.event);
    break;
  }
});

test("a change that needs a yes is confirmed", async () => {
  const { chat, tasks } = await signedUp();
  await tasks.bulk([{ op: "create", data: { title: "Done", completed: true } }]);
  const turn = await chat.send({ message: "Delete all completed tasks" });
  assert.equal((await tasks.page()).data.length, 1);

  await chat.confirm(turn.conversation_id, turn.pending_action.id);

  assert.deepEqual((await tasks.page()).data, []);
});

test("events are found however they are cut, and without streams", async () => {
  const text = ': hello\r\n\r\nevent: message\r\ndata: {"delta":\r\ndata: "é"}\r\n\r\nevent: done\rdata: {}\r\rx';
  const bytes = new TextEncoder().encode(text);
  const cut = (size) =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
        controller.close();
      },
    });
  const read = async (response) => {
    const events = [];
    for await (const event of readEvents(response)) events.push(event);
    return events;
  };
  const expected = [{ event: "message", data: { delta: "é" } }, { event: "done", data: {} }];

  for (const size of [1, 2, 3, 7, 1000]) assert.deepEqual(await read(new Response(cut(size))), expected);
  // As in React Native.
  assert.deepEqual(await read({ body: undefined, text: async () => text }), expected);
  await assert.rejects(read(new Response('event: message\ndata: {"delta": "a"}\n\n')), /broke off/);
});

test("nothing of Node's own is needed", () => {
  const dist = new URL("../dist/", import.meta.url);
  const modules = readdirSync(dist).filter((name) => name.endsWith(".js"));
  assert.ok(modules.length > 10);
  for (const name of modules) {
    const text = readFileSync(new URL(name, dist), "utf8");
    for (const [, from] of text.matchAll(/from "([^"]+)"/g)) assert.match(from, /^\.\/|^openapi-fetch$/);
    assert.doesNotMatch(text, /\b(process|Buffer|require|import)\b[.(]/);
  }
});
