// node drive.mjs PAGE SERVICE CHROMIUM FOLDER: does what a person would, a second writer beside, and tells of it as JSON.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { check, until } from "./checks.mjs";
import { picture } from "./picture.mjs";

const [origin, service, executablePath, folder] = process.argv.slice(2);
const SIZES = { wide: { width: 1280, height: 860 }, phone: { width: 390, height: 860 } };
const AXE = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const ADA = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
const report = { done: [], errors: [], foreign: [], violations: {}, overflow: {}, ground: {}, seconds: 0 };
const began = Date.now();
// What the browser says of an answer that a step is about.
let expected = null;

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: SIZES.wide, colorScheme: "light", locale: "en", timezoneId: "Europe/Rome" });
const page = await context.newPage();
let token = null;
page.setDefaultTimeout(20_000);
page.on("console", (line) => {
  if (["error", "warning"].includes(line.type()) && !expected?.test(line.text())) report.errors.push(line.text());
});
page.on("pageerror", (error) => report.errors.push(String(error)));
page.on("request", (request) => {
  const { hostname, protocol } = new URL(request.url());
  if (protocol !== "data:" && hostname !== "localhost") report.foreign.push(request.url());
  token = request.headers().authorization ?? token;
});

const row = (title) => page.locator(".tasks li").filter({ hasText: title });
const box = (title) => page.getByRole("checkbox", { name: title });
const notice = () => page.getByRole("status");
const editor = () => page.locator("form.edit");
const titles = async () => (await page.locator(".tasks .title").allInnerTexts()).map((text) => text.trim());

/** The same person from somewhere else. */
async function elsewhere(method, path, body, status) {
  const answer = await fetch(`${service}/api/${path}`, {
    method,
    headers: { Authorization: token, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  check(answer.status === (status ?? 200), `${method} ${path} is ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

async function stored(title) {
  const { data } = await elsewhere("GET", "tasks");
  const found = data.find((task) => task.title === title);
  check(found, `${title} is stored`);
  return found;
}

async function add(title, priority = "medium", due = "") {
  await page.getByLabel("New task").fill(title);
  await page.locator(".add [name=priority]").selectOption(priority);
  await page.locator(".add [name=due]").fill(due);
  await page.getByLabel("New task").press("Enter");
  await row(title).waitFor();
}

async function say(text, answer) {
  await page.getByLabel("Message").fill(text);
  await page.getByLabel("Message").press("Enter");
  await page.locator(".message.assistant").filter({ hasText: answer }).last().waitFor();
}

async function enter(person) {
  for (const [name, value] of Object.entries(person)) await page.locator(`[name=${name}]`).fill(value);
  await page.locator("form .main").click();
}

async function look(name) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run());
  report.violations[name] = violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map(({ html }) => html).join(" ")}`);
  report.overflow[name] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await page.screenshot({ path: `${folder}/${name}.png` });
}

const steps = {
  "a stranger is told in words": async () => {
    await page.goto(origin);
    await look("sign-in");
    await page.getByRole("button", { name: "I have an account" }).click();
    expected = /401/;
    const { name, ...known } = ADA;
    await enter(known);
    await page.locator("[role=alert]").filter({ hasText: "Invalid email or password" }).waitFor();
    await page.getByRole("button", { name: "I am new here" }).click();
  },
  "sign up": async () => {
    // Of the first calls of all, before the service has the issuer's keys, one waits for them; the client repeats others.
    expected = /503/;
    await enter(ADA);
    await page.getByText("There is nothing here.").waitFor();
    report.seconds = (Date.now() - began) / 1000;
  },
  "add": async () => {
    await add("Buy milk", "high", "2030-03-01");
    check((await row("Buy milk").innerText()).includes("high priority"), "its priority shows");
    check((await row("Buy milk").innerText()).includes("Mar 1"), "its day shows");
    check((await stored("Buy milk")).due_at === "2030-02-28T23:00:00.000000Z", "a day is a day here");
    check((await page.getByLabel("New task").inputValue()) === "", "the field is empty again");
    check(await page.getByLabel("New task").evaluate((field) => field === document.activeElement), "and has the focus");
  },
  "toggle": async () => {
    await box("Buy milk").press("Space");
    await until("it is stored", async () => (await stored("Buy milk")).completed);
    // Twice at once: each upon the other, and not against it.
    await box("Buy milk").click();
    await box("Buy milk").click();
    await box("Buy milk").click();
    await until("it is open", async () => !(await stored("Buy milk")).completed);
    check(!(await notice().innerText()).includes("meanwhile"), "nobody was in the way");
  },
  "edit": async () => {
    await row("Buy milk").getByRole("button", { name: "Edit" }).click();
    await page.keyboard.press("Escape");
    await until("the focus is back", () => page.evaluate(() => document.activeElement.textContent === "Edit"));
    await page.keyboard.press("Enter");
    await editor().getByLabel("Title").fill("Buy oat milk");
    await editor().getByLabel("Tags").fill("shop #home");
    await look("edit");
    await editor().getByLabel("Title").press("Enter");
    await row("Buy oat milk").getByText("#home").waitFor();
    const task = await stored("Buy oat milk");
    check(task.tags.join() === "shop,home" && task.due_at.startsWith("2030-02-28T23"), "only what was typed has changed");
  },
  "a form that somebody else was faster than": async () => {
    expected = /412/;
    await row("Buy oat milk").getByRole("button", { name: "Edit" }).click();
    await elsewhere("PATCH", `tasks/${(await stored("Buy oat milk")).id}`, { title: "Buy bread" });
    await editor().getByLabel("Notes").fill("From the corner shop");
    await editor().getByRole("button", { name: "Save" }).click();
    await editor().getByRole("alert").filter({ hasText: "the title is now “Buy bread”" }).waitFor();
    await look("conflict");
    check((await editor().getByLabel("Title").inputValue()) === "Buy bread", "theirs is shown");
    check((await editor().getByLabel("Notes").inputValue()) === "From the corner shop", "what was typed stays");
    await editor().getByRole("button", { name: "Save" }).click();
    await editor().waitFor({ state: "detached" });
    check((await stored("Buy bread")).description === "From the corner shop", "both are stored");
  },
  "a click that somebody else was faster than": async () => {
    expected = /412/;
    await elsewhere("PATCH", `tasks/${(await stored("Buy bread")).id}`, { title: "Buy two breads" });
    await box("Buy bread").click();
    await notice().filter({ hasText: "the title is now “Buy two breads”" }).waitFor();
    check(!(await box("Buy two breads").isChecked()), "the click was taken back");
    check(!(await stored("Buy two breads")).completed, "nothing was overwritten");
  },
  "a task of a list, whose version nobody told": async () => {
    await page.reload();
    await row("Buy two breads").waitFor();
    await elsewhere("PATCH", `tasks/${(await stored("Buy two breads")).id}`, { priority: "low" });
    await box("Buy two breads").click();
    await notice().filter({ hasText: "the priority is now “low”" }).waitFor();
    check(!(await stored("Buy two breads")).completed, "nothing was overwritten");
  },
  "a task that somebody else has deleted": async () => {
    expected = /404/;
    await add("Gone soon");
    await elsewhere("DELETE", `tasks/${(await stored("Gone soon")).id}`, null, 204);
    await box("Gone soon").click();
    await notice().filter({ hasText: "“Gone soon” was deleted meanwhile" }).waitFor();
    check((await titles()).join() === "Buy two breads", "it is gone here too");
  },
  "delete and undo": async () => {
    await row("Buy two breads").getByRole("button", { name: "Delete" }).click();
    await page.getByText("There is nothing here.").waitFor();
    await until("Undo has the focus", () => page.evaluate(() => document.activeElement.textContent === "Undo"));
    await page.keyboard.press("Enter");
    await row("Buy two breads").waitFor();
    await stored("Buy two breads");
    check(await page.evaluate(() => document.activeElement.id === "tasks"), "the focus is at the list");
  },
  "filter, search, order and pages": async () => {
    const operations = Array.from({ length: 25 }, (_, number) => ({ op: "create", data: { title: `Letter ${String(number).padStart(2, "0")}` } }));
    await elsewhere("POST", "tasks/bulk", { operations });
    await page.getByLabel(/^Order/).selectOption("title");
    await row("Letter 18").waitFor();
    check((await titles()).length === 20, "one page");
    await page.getByRole("button", { name: "Show more" }).click();
    await row("Letter 24").waitFor();
    check((await titles()).length === 26, "and the next");
    await page.getByLabel("Search").fill("letter 07");
    await until("one is found", async () => (await titles()).join() === "Letter 07");
    await box("Letter 07").click();
    await page.getByLabel("Search").fill("");
    await page.getByRole("radio", { name: "Done" }).check();
    await until("one is done", async () => (await titles()).join() === "Letter 07");
    await page.getByRole("radio", { name: "Open" }).check();
    await page.locator(".filters").getByLabel(/^Priority/).selectOption("low");
    await until("one is low", async () => (await titles()).join() === "Buy two breads");
    await page.locator(".filters").getByLabel(/^Priority/).selectOption("high");
    await page.getByText("There is nothing here.").waitFor();
    const { data } = await elsewhere("GET", "tasks?search=letter");
    await elsewhere("POST", "tasks/bulk", { operations: data.map(({ id }) => ({ op: "delete", id })) });
    await page.reload();
  },
  "the assistant adds a task": async () => {
    await say("Add task: call mum tomorrow at 9 #family", "call mum");
    await row("call mum").getByText("#family").waitFor();
  },
  "the assistant asks first": async () => {
    await say("delete everything", "?");
    for (const title of ["call mum", "Buy two breads"]) {
      const question = page.locator(".message .actions").filter({ hasText: title });
      await question.getByRole("button", { name: "No" }).click();
      await question.waitFor({ state: "detached" });
    }
    await page.locator(".message.assistant").filter({ hasText: "nothing was changed" }).waitFor();
    check((await titles()).length === 2, "nothing is gone");
  },
  "what was said is there again": async () => {
    await page.reload();
    await page.locator(".message.user").filter({ hasText: "call mum tomorrow" }).waitFor();
  },
  "a token that is refused is replaced": async () => {
    expected = /401/;
    await row("Buy two breads").waitFor();
    const refused = token;
    // Of one second all tokens are the same.
    await new Promise((done) => setTimeout(done, 1100));
    await elsewhere("POST", "auth/logout");
    await box("Buy two breads").click();
    await until("a new one", () => token !== refused);
    await until("it is stored", async () => (await stored("Buy two breads")).completed);
  },
  "without a network": async () => {
    expected = /ERR_INTERNET_DISCONNECTED/;
    await context.setOffline(true);
    await box("call mum").click();
    await notice().filter({ hasText: "cannot be reached" }).waitFor();
    check(!(await box("call mum").isChecked()), "the click was taken back");
    await context.setOffline(false);
  },
  "how it looks": async () => {
    for (const [title, priority, due] of [["Renew the passport", "high", "2030-05-06"], ["Water the plants", "low", ""]]) await add(title, priority, due);
    await page.getByRole("button", { name: "Close" }).click();
    await say("show my tasks", "call mum");
    for (const scheme of ["light", "dark"]) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize(viewport);
        await look(`${scheme}-${size}`);
      }
      report.ground[scheme] = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    }
    await picture(browser, folder);
    await page.setViewportSize(SIZES.wide);
  },
  "log out and in": async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("button", { name: "I have an account" }).click();
    const { name, ...known } = ADA;
    await enter(known);
    await row("Buy two breads").waitFor();
  },
};

for (const [name, step] of Object.entries(steps)) {
  expected = null;
  try {
    await step();
  } catch (error) {
    await page.screenshot({ path: `${folder}/failed.png` });
    console.error(`After “${report.done.at(-1)}”, ${name}: ${error.stack}\n${await page.locator("body").innerText()}`);
    process.exit(1);
  }
  report.done.push(name);
}
await browser.close();
console.log(JSON.stringify(report));
