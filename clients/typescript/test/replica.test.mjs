// Offline replicas against the real service at TODO_URL; at several, where TODO_URLS names them with spaces between.
import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { test } from "node:test";
import { createTodoClient, inMemory, Replica, replicaIn, replicaInMemory } from "../dist/index.js";

const bases = (process.env.TODO_URLS ?? process.env.TODO_URL).split(" ");
const QUICK = { firstWait: 20, attempts: 40 };
const password = "correct horse battery";

async function signedUp(options = {}) {
  const storage = inMemory();
  const todo = createTodoClient({ baseUrl: bases[0], patience: QUICK, storage, ...options });
  // Nobody repeats a sign-up by itself, and servers may be killed meanwhile.
  for (let attempt = 1; ; attempt++) {
    try {
      await todo.auth.signUp({ email: `${randomUUID()}@example.com`, password });
      return { todo, storage };
    } catch (error) {
      if (!(error instanceof TypeError) || attempt === 10) throw error;
    }
  }
}

const titles = (replica) => replica.tasks.map(({ title }) => title);

async function all(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

test("what is done offline shows at once and is sent later", async () => {
  const { todo } = await signedUp();
  const replica = await Replica.open(todo);
  let told = 0;
  const stop = replica.subscribe(() => told++);

  const milk = await replica.create({ title: "Buy milk" });
  const bread = await replica.create({ title: "Buy bread", tags: ["home"] });
  await replica.update(milk, { completed: true, priority: "high" });
  await replica.remove(bread);

  assert.deepEqual(titles(replica), ["Buy milk"]);
  assert.equal(replica.get(milk).completed, true);
  assert.ok(replica.get(milk).completed_at);
  assert.equal(replica.pending, 4);
  assert.equal(told, 4);
  assert.deepEqual(await all(todo.tasks.list()), []);

  await replica.sync();

  assert.equal(replica.pending, 0);
  assert.deepEqual(replica.tasks, await all(todo.tasks.list()));
  assert.deepEqual(titles(replica), ["Buy milk"]);
  // Its old name still finds it.
  assert.equal(replica.get(milk).priority, "high");
  assert.notEqual(replica.get(milk).id, milk);
  stop();
  await replica.update(milk, { title: "Buy oat milk" });
  await replica.sync();
  assert.deepEqual((await all(todo.tasks.list())).map(({ title }) => title), ["Buy oat milk"]);
  assert.ok(told > 4);
});

test("what others did comes, deletions too", async () => {
  const { todo } = await signedUp();
  const [first, second] = [await todo.tasks.create({ title: "First" }), await todo.tasks.create({ title: "Second" })];
  const replica = await Replica.open(todo);
  await replica.sync();
  assert.deepEqual(titles(replica), ["Second", "First"]);

  await todo.tasks.remove(first.id);
  await todo.tasks.update(second.id, { title: "Changed" });
  await todo.tasks.create({ title: "Third" });
  await replica.sync();

  assert.deepEqual(titles(replica), ["Third", "Changed"]);
});

test("a start after an answer that was lost does nothing twice", async () => {
  let isLost = false;
  const fetch = async (url, init) => {
    const response = await globalThis.fetch(url, init);
    if (!isLost || !url.endsWith("/bulk")) return response;
    await response.text();
    throw new TypeError("lost");
  };
  const { todo } = await signedUp({ fetch, patience: { attempts: 1 } });
  const texts = new Map();
  const store = replicaIn({
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => texts.set(key, value),
    removeItem: (key) => texts.delete(key),
  });
  const replica = await Replica.open(todo, { store });
  const id = await replica.create({ title: "Once" });
  await replica.update(id, { description: "more" });
  isLost = true;
  await assert.rejects(replica.sync(), /lost/);
  isLost = false;

  const anew = await Replica.open(todo, { store });
  assert.equal(anew.pending, 2);
  assert.equal(anew.get(id).description, "more");
  await anew.sync();

  assert.deepEqual((await all(todo.tasks.list())).map(({ title, description }) => [title, description]), [
    ["Once", "more"],
  ]);
  assert.deepEqual(anew.tasks, await all(todo.tasks.list()));
});

test("a number that is none is mended by the list", async () => {
  const { todo } = await signedUp();
  await todo.tasks.create({ title: "Known" });
  const store = replicaInMemory();
  const replica = await Replica.open(todo, { store });
  await replica.sync();
  await store.save("base", { ...(await store.load("base")), version: 10 ** 9, tasks: {} });

  const anew = await Replica.open(todo, { store });
  await anew.sync();

  assert.deepEqual(titles(anew), ["Known"]);
  assert.equal(anew.version, replica.version);
});

test("what is refused is told and undone, and holds nothing else up", async () => {
  const refused = [];
  const { todo } = await signedUp();
  const gone = await todo.tasks.create({ title: "Gone" });
  const replica = await Replica.open(todo, { onRefused: (change, { code }) => refused.push([change.op, code]) });
  await replica.sync();
  await todo.tasks.remove(gone.id);

  await replica.create({ title: "Good" });
  await replica.update(gone.id, { title: "Too late" });
  const bad = await replica.create({ title: "x".repeat(300) });
  await replica.update(bad, { title: "Of none" });
  await replica.create({ title: "Good too" });
  await replica.sync();

  assert.deepEqual(titles(replica), ["Good too", "Good"]);
  assert.deepEqual(refused, [
    ["update", "task_not_found"],
    ["create", "invalid"],
  ]);
  assert.equal(replica.pending, 0);
});

test("another user finds nothing of the one before", async () => {
  const store = replicaInMemory();
  const ada = await Replica.open((await signedUp()).todo, { store });
  await ada.create({ title: "Ada's" });
  await ada.sync();

  const grace = await Replica.open((await signedUp()).todo, { store });

  assert.deepEqual([titles(grace), grace.pending], [[], 0]);
});

test("live, it keeps up by itself, and ends with the session", async () => {
  const { todo, storage } = await signedUp();
  const other = await Replica.open(createTodoClient({ baseUrl: bases.at(-1), storage }));
  const replica = await Replica.open(todo);
  const stop = new AbortController();
  const living = replica.live({ signal: stop.signal });

  await other.create({ title: "From elsewhere" });
  await other.sync();
  await until(() => titles(replica).includes("From elsewhere"));
  await replica.create({ title: "From here" });
  await until(() => replica.pending === 0);
  await other.sync();

  assert.deepEqual(titles(other), ["From here", "From elsewhere"]);
  stop.abort();
  await living;
  const ended = assert.rejects(replica.live(), ({ status }) => status === 401);
  await todo.auth.logOut();
  await ended;
});

async function until(holds, seconds = 15) {
  for (const end = Date.now() + seconds * 1000; !holds(); ) {
    assert.ok(Date.now() < end, "It did not come about.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// --- Convergence ----------------------------------------------------------------------------------

const CLIENTS = Number(process.env.TODO_CLIENTS ?? 8);
const EACH = Number(process.env.TODO_EACH ?? 30);
const SEED = Number(process.env.TODO_SEED ?? randomInt(10 ** 6));

/** The same numbers for the same seed (mulberry32). */
function chances(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end) => Math.floor(next() * end);
  return { next, below, pick: (items) => items[below(items.length)] };
}

/** To any of the servers; some requests are cut before they are sent, some answers are lost. */
function faultyFetch(chance) {
  return async (url, init) => {
    const { pathname, search } = new URL(url);
    const kind = chance.next();
    if (kind < 0.04) throw new TypeError("cut before");
    const response = await globalThis.fetch(chance.pick(bases) + pathname + search, init);
    if (kind > 0.94) {
      await response.body?.cancel();
      throw new TypeError("cut after");
    }
    return response;
  };
}

async function device(number, storage, records) {
  const chance = chances(SEED * 1000 + number);
  const fetch = faultyFetch(chances(SEED * 1000 + 500 + number));
  const todo = createTodoClient({ baseUrl: bases[0], storage, fetch, patience: QUICK });
  const store = replicaInMemory();
  const onRefused = (change) => records.refused.add(change.data?.description);
  const open = () => Replica.open(todo, { store, onRefused });
  let replica = await open();
  for (let done = 0; done < EACH; ) {
    for (const end = Math.min(EACH, done + 1 + chance.below(8)); done < end; done++) {
      const mark = `${number}-${done}`;
      const task = replica.tasks.length ? chance.pick(replica.tasks) : undefined;
      const kind = chance.next();
      if (!task || kind < 0.35) {
        await replica.create({ title: mark });
        records.created.push(mark);
      } else if (kind < 0.85) {
        await replica.update(task.id, { description: mark, completed: chance.next() < 0.5 });
        records.edited.push(mark);
      } else await replica.remove(task.id);
    }
    // Now and then the page is loaded anew, whatever became of its sync.
    const syncing = replica.sync();
    if (chance.next() < 0.2) {
      await syncing.catch(() => {});
      replica = await open();
    } else await syncing;
  }
  return replica;
}

test(`replicas come to the same (seed ${SEED})`, { timeout: 170_000 }, async (context) => {
  const { todo, storage } = await signedUp();
  const records = { created: [], edited: [], refused: new Set() };
  const numbers = Array.from({ length: CLIENTS }, (_, index) => index);
  const replicas = await Promise.all(numbers.map((number) => device(number, storage, records)));
  await Promise.all(replicas.map((replica) => replica.sync()));
  await Promise.all(replicas.map((replica) => replica.sync()));

  const listed = await all(todo.tasks.list({ limit: 1000 }));
  for (const replica of replicas) {
    assert.equal(replica.pending, 0);
    assert.deepEqual(replica.tasks, listed);
  }
  const trashed = (await todo.api.GET("/api/tasks/trash", { params: { query: { limit: 1000 } } })).data.data;
  // Each creation is there once, and nothing else is.
  assert.deepEqual([...listed, ...trashed].map(({ title }) => title).sort(), [...records.created].sort());
  const told = await history(todo, listed);
  assert.equal(new Set(told).size, told.length, "an edit was done twice");
  assert.deepEqual(told.filter((mark) => records.refused.has(mark)), []);
  for (const { description } of listed) assert.ok(description === null || told.includes(description));
  context.diagnostic(`${CLIENTS * EACH} operations, ${listed.length} tasks, ${told.length} edits in their histories`);
});

/** The descriptions that these tasks were ever given. */
async function history(todo, tasks) {
  const found = [];
  for (const { id } of tasks) {
    const path = { task_id: id };
    const { data } = await todo.api.GET("/api/tasks/{task_id}/history", { params: { path } });
    found.push(...data.data.map(({ changes }) => changes.description?.[1]).filter(Boolean));
  }
  return found;
}
