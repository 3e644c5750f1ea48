// node drive.mjs BASE CHROMIUM FOLDER CONFIG: a morning of support on the staff site, told of as JSON.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [base, executablePath, folder, config] = process.argv.slice(2);
const { admin, password, part, email, token } = JSON.parse(config);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
const report = { errors: [], foreign: [], barriers: [], overflow: {}, told: {}, seconds: {} };
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: SIZES.wide, colorScheme: "light", acceptDownloads: true });
const page = await context.newPage();
page.setDefaultTimeout(20_000);
page.on("console", (line) => line.type() === "error" && report.errors.push(`${page.url()} ${line.text()}`));
page.on("pageerror", (error) => report.errors.push(`${page.url()} ${error}`));
page.on("request", (request) => {
  const { origin, protocol } = new URL(request.url());
  if (protocol !== "data:" && protocol !== "blob:" && origin !== base) report.foreign.push(request.url());
});

const B32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
function code(key, ahead) {
  const bits = [...key].map((letter) => B32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const hash = createHmac("sha1", bytes).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function look(name) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, impact, nodes } of found.violations)
    if (["moderate", "serious", "critical"].includes(impact))
      report.barriers.push(`${name}: ${id} (${impact}) ${nodes[0].html.slice(0, 160)}`);
  report.overflow[name] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await page.screenshot({ path: `${folder}/${name}.png` });
}

async function press(label) {
  await page.getByRole("button", { name: label, exact: true }).click();
}

async function told(name, text) {
  await page.getByText(text).first().waitFor();
  report.told[name] = true;
}

async function follow(path) {
  await page.goto(base + path);
}

async function submitLogin() {
  await page.fill("[name=username]", admin);
  await page.fill("[name=password]", password);
  await Promise.all([page.waitForNavigation(), page.press("[name=password]", "Enter")]);
}

const me = () => fetch(`${base}/api/auth/me`, { headers: { Authorization: `Bearer ${token}` } }).then((a) => a.status);

// --- In by a second factor ---------------------------------------------------------------------------
await follow("/admin/");
await look("login");
await submitLogin();
await follow("/admin/second_factor/");
await look("second-factor");
await press("Set it up");
const key = (await page.locator("code").first().innerText()).replace(/\s/g, "");
await look("qr-code");
// A code is taken a step early or late: neither of these becomes too old between a look at it and its check.
await page.fill("#code", code(key, 0));
await press("Confirm");
report.told.codes = await page.locator(".staff-codes li").count();
await look("recovery-codes");
await context.clearCookies();
await follow("/admin/");
await submitLogin();
await page.waitForSelector("#code");
await look("code");
await page.fill("#code", code(key, 1));
await press("Log in");
await page.waitForURL(`${base}/admin/`);
await look("home");

// --- A user ------------------------------------------------------------------------------------------
await follow("/admin/accounts/user/");
await look("users");
await page.fill("#searchbar", part);
await Promise.all([page.waitForNavigation(), page.press("#searchbar", "Enter")]);
await page.getByRole("link", { name: email, exact: true }).first().click();
await page.waitForSelector(".staff-acts");
const user = page.url();
report.told.before = await me();
await look("user");
await page.locator("section[aria-label=Sessions] h2 a").click();
await page.getByText(email).first().waitFor();
await look("sessions");
await page.goto(user);
await press("End all sessions");
await look("confirm");
await press("Yes");
await told("ended", "Sessions ended:");
report.told.after = await me();
await press("Disable");
await press("Yes");
await told("disabled", "The account is disabled");
await press("Enable");
await told("enabled", "The account is enabled");
await press("Send a reset link");
await told("sent", "The link is on its way");
await page.locator("section[aria-label=Conversations] h2 a").click();
await look("conversations");
await page.goto(user);
await page.getByRole("link", { name: "Delete…" }).click();
await look("delete");

// --- Their tasks, the log, a list to take along --------------------------------------------------------
await page.goto(user);
await page.locator("section[aria-label=Tasks] h2 a").click();
await look("tasks");
await page.goto(user);
await page.locator("section[aria-label=Tasks] tbody a").first().click();
await page.waitForSelector(".staff-acts");
await look("task");
if (await page.getByRole("button", { name: "Reopen", exact: true }).count()) await press("Reopen");
await press("Complete");
await told("completed", "The task is completed.");
await page.goto(user);
await page.locator("section[aria-label=Events] h2 a").click();
await look("log");
report.told.logged = await page.locator("#result_list tbody tr").count();
const [download] = await Promise.all([page.waitForEvent("download"), press("Export all that match as CSV")]);
report.csv = readFileSync(await download.path(), "utf8");

// --- In the dark, on a phone ---------------------------------------------------------------------------
for (const [scheme, size] of [["dark", "wide"], ["light", "phone"], ["dark", "phone"]]) {
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize(SIZES[size]);
  for (const [name, path] of [["home", "/admin/"], ["users", "/admin/accounts/user/"], ["user", user.slice(base.length)]]) {
    await follow(path);
    await look(`${name}-${scheme}-${size}`);
  }
}
await browser.close();
console.log(JSON.stringify(report));
