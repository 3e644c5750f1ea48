// What a person does on the page, and what they then see. It reports to where the page came from.

const all = (selector) => [...document.querySelectorAll(selector)];
const shown = () => document.querySelector("main");
const last = () => all("article.assistant").at(-1);

async function until(what, condition) {
  const deadline = Date.now() + 20000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what}: ${document.body.innerHTML.slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function settled(what) {
  await until(what, () => shown()?.dataset.status === "ready" && all("article").at(-1)?.className === "assistant");
  // Long enough for a page that sends by itself to have begun.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await until(what, () => shown().dataset.status === "ready");
}

async function say(text) {
  const input = document.querySelector("input");
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = all("article").length;
  document.querySelector("form").requestSubmit();
  await until("said", () => all("article").length > before);
}

function expect(condition, what) {
  if (!condition) throw new Error(`${what}: ${document.body.innerHTML.slice(0, 2000)}`);
}

// Of the tools that change something; what is looked at on the way is no matter.
const states = () =>
  [...last().querySelectorAll("[class^=tool-]:not(.tool-list_tasks)")].map((tool) => `${tool.className} ${tool.dataset.state}`);

const steps = {
  "add a task": async () => {
    await say("Add task: pay the rent");
    await settled("added");
    expect(states().join() === "tool-add_task output-available", "a tool that is done");
    expect(last().querySelector("pre").textContent.includes("pay the rent"), "its output");
    expect(last().querySelector("p"), "an answer in words");
    expect(all("article").length === 2, "it sends nothing by itself");
  },
  "regenerate does nothing twice": async () => {
    document.querySelector("#regenerate").click();
    await until("asked again", () => shown().dataset.status !== "ready" || window.turns.length === 2);
    await settled("told again");
    expect(states().join() === "tool-add_task output-available" && all("article").length === 2, "the same answer");
  },
  "a question of the service, denied": async () => {
    await say("delete everything");
    await settled("asked");
    expect(states().join() === "tool-delete_task approval-requested", "an approval");
    last().querySelector(".deny").click();
    await until("answered", () => states().join() === "tool-delete_task output-denied");
    await settled("denied");
    expect(last().textContent.includes("nothing was changed"), "an answer in the same message");
    expect(all("article").length === 4, "one message");
  },
  "a question of the service, approved": async () => {
    await say("delete everything");
    await settled("asked");
    last().querySelector(".approve").click();
    await until("answered", () => states().join() === "tool-delete_task output-available");
    await settled("approved");
    expect(last().textContent.includes("Deleted \u201cpay the rent\u201d"), "an answer in the same message");
    expect(all("article").length === 6 && all("aside").length === 0, "one message");
  },
  "a problem is shown": async () => {
    await say("x".repeat(4001));
    await until("refused", () => shown().dataset.status === "error");
    expect(JSON.parse(document.querySelector("aside").textContent).errors[0].field === "messages", "the problem");
  },
};

// After a reload: what was said is there, and nothing is resumed.
const resumed = {
  "a resumed page": async () => {
    await until("history", () => all("article").length > 0);
    await settled("resumed");
    expect(all("article").length === 10 && all("aside").length === 0, "the history");
    await say("Add task: call mum");
    await settled("added");
    expect(states().join() === "tool-add_task output-available", "it goes on");
  },
};

addEventListener("load", async () => {
  const report = (body) => fetch("/report", { method: "POST", body: JSON.stringify(body) });
  const done = [];
  try {
    await until("the page", shown);
    const isResumed = new URLSearchParams(location.search).has("resumed");
    for (const [name, step] of Object.entries(isResumed ? resumed : steps)) {
      await step();
      done.push(name);
    }
    if (isResumed) await report({ before: JSON.parse(new URLSearchParams(location.search).get("done")), done });
    else location.search += `&resumed&done=${encodeURIComponent(JSON.stringify(done))}`;
  } catch (error) {
    await report({ failed: String(error), done });
  }
});
