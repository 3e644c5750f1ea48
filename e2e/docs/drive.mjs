// node drive.mjs BASE CHROMIUM FOLDER: does on /docs what a person would, looks at both pages, and tells of it as JSON.
import { chromium } from "playwright-core";

const [base, executablePath, folder] = process.argv.slice(2);
const SIZES = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const report = { errors: [], foreign: [], statuses: {}, overflow: {}, seconds: {} };
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

async function page(colorScheme, size) {
  const context = await browser.newContext({ colorScheme, viewport: SIZES[size] });
  const opened = await context.newPage();
  opened.setDefaultTimeout(60_000);
  opened.on("console", (line) => line.type() === "error" && report.errors.push(line.text()));
  opened.on("pageerror", (error) => report.errors.push(String(error)));
  opened.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "blob:" && origin !== base) report.foreign.push(request.url());
  });
  return opened;
}

async function look(opened, path, name) {
  await opened.goto(base + path);
  await opened.waitForSelector(path === "/docs" ? ".opblock" : "[data-section-id]", { state: "attached" });
  report.overflow[name] = await opened.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await opened.screenshot({ path: `${folder}/${name}.png` });
}

async function tryOut(opened, id, name) {
  const began = Date.now();
  const block = opened.locator(`#operations-${id}`);
  await block.locator(".opblock-summary-control").click();
  await block.locator(".execute").click();
  const status = block.locator(".live-responses-table tbody .response-col_status").first();
  await status.waitFor();
  report.statuses[name] = Number.parseInt(await status.innerText(), 10);
  if (name === "create") await block.screenshot({ path: `${folder}/${name}.png` });
  await block.locator(".opblock-summary-control").click();
  report.seconds[name] = (Date.now() - began) / 1000;
}

const person = await page("light", "wide");
await look(person, "/docs", "docs-light");
await person.fill("[name=email]", "grace@example.com");
await person.fill("[name=password]", "correct horse battery");
await person.click("[name=signup]");
await person.waitForSelector("#caller:not([hidden])");
await tryOut(person, "tasks-tasks_create", "create");
await tryOut(person, "tasks-tasks_list", "list");
await tryOut(person, "tasks-tasks_retrieve", "read");
await tryOut(person, "tasks-tasks_partial_update", "change");
await tryOut(person, "tasks-tasks_bulk", "bulk");
await tryOut(person, "chat-chat", "chat");
await tryOut(person, "chat-conversations_retrieve", "conversation");
await tryOut(person, "auth-refresh", "refresh");
// Still there after a reload.
await person.reload();
await person.waitForSelector("#caller:not([hidden])");
await tryOut(person, "auth-auth_me_retrieve", "me");
await person.click("#caller button");
await person.waitForSelector("#login:not([hidden])");

for (const [path, name] of [["/docs", "docs"], ["/redoc", "redoc"]]) {
  await look(await page("dark", "wide"), path, `${name}-dark`);
  await look(await page("dark", "phone"), path, `${name}-phone`);
}
const reference = await page("light", "wide");
await look(reference, "/redoc", "redoc-light");
report.schemas = await reference.locator("[data-section-id^='schema/']").count();
report.ground = {};
for (const scheme of ["light", "dark"]) {
  const opened = await page(scheme, "wide");
  await opened.goto(`${base}/docs`);
  await opened.waitForSelector(".opblock");
  report.ground[scheme] = await opened.evaluate(() => getComputedStyle(document.body).backgroundColor);
}
await browser.close();
console.log(JSON.stringify(report));
