// Starts the service, and this page with its Better Auth, each on loopback; Ctrl-C stops both. `make example` runs it.
//
//   PAGE_PORT=3000 SERVICE_PORT=8001 EXAMPLE_DATA=.data node start.mjs [--dev]

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";

const here = import.meta.dirname;
const root = resolve(here, "../..");
const python = process.env.PYTHON ?? join(root, ".venv/bin/python");
const data = resolve(here, process.env.EXAMPLE_DATA ?? ".data");
const pagePort = portOf("PAGE_PORT", 3000);
const servicePort = portOf("SERVICE_PORT", 8001);
const page = `http://localhost:${pagePort}`;
const service = `http://localhost:${servicePort}`;

// The whole of what the service must be told to believe a Better Auth: where it is. Its own `.env` is left aside.
const serviceSettings = {
  ENV_FILE: "",
  HOST: "127.0.0.1",
  PORT: String(servicePort),
  DATABASE_URL: `sqlite:///${join(data, "todo.sqlite3")}`,
  BETTER_AUTH_URL: page,
  JWKS_URL: `${page}/api/auth/jwks`,
  ALLOWED_ORIGINS: page,
  DRAIN_SECONDS: "0",
};

const running = [];
let isStopping = false;

function portOf(name, usual) {
  const text = process.env[name] ?? String(usual);
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) fail(`${name} is no port: ${text}`);
  return port;
}

function fail(message) {
  console.error(`Cannot start: ${message}`);
  process.exit(1);
}

async function mustBeFree(name, port) {
  for (const host of ["127.0.0.1", "::1"]) {
    const code = await new Promise((done) => {
      const probe = createServer();
      probe.once("error", (error) => done(error.code));
      probe.listen(port, host, () => probe.close(() => done(null)));
    });
    // A machine without IPv6 has nobody there either.
    if (code && !["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(code)) {
      fail(`port ${port} is ${code === "EADDRINUSE" ? "taken" : `not to be had (${code})`}. Another one: ${name}=${port + 100} make example`);
    }
  }
}

function secret() {
  const file = join(data, "better-auth-secret");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  return readFileSync(file, "utf8");
}

function run(name, command, variables, cwd) {
  const log = join(data, `${name}.log`);
  const written = openSync(log, "w");
  const child = spawn(command[0], command.slice(1), { cwd, env: { ...process.env, ...variables }, stdio: ["ignore", written, written] });
  closeSync(written);
  child.once("error", (error) => stop(`the ${name} does not start: ${error.message}`));
  const ended = new Promise((done) => child.once("close", done));
  running.push({ name, child, log, ended });
  return ended;
}

function start(name, ...rest) {
  void run(name, ...rest).then(() => isStopping || stop(`the ${name} has ended. The end of its log:\n${tail(name)}`));
}

function tail(name) {
  const { log } = running.find((each) => each.name === name);
  return `${readFileSync(log, "utf8").split("\n").slice(-15).join("\n")}\n(${log})`;
}

async function stop(problem) {
  if (isStopping) return;
  isStopping = true;
  if (problem) console.error(`\nStopped: ${problem}`);
  for (const { child } of running) child.kill("SIGTERM");
  await Promise.all(running.map(({ ended }) => ended));
  process.exit(problem ? 1 : 0);
}

async function answers(url) {
  for (let attempt = 0; attempt < 600 && !isStopping; attempt++) {
    const isThere = await fetch(url).then((response) => response.ok, () => false);
    if (isThere) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  await stop(`${url} does not answer.`);
}

await mustBeFree("PAGE_PORT", pagePort);
await mustBeFree("SERVICE_PORT", servicePort);
mkdirSync(data, { recursive: true });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void stop());

const migrated = await run("migration", [python, "manage.py", "migrate", "--verbosity=0"], serviceSettings, root);
if (migrated !== 0) await stop(`the database cannot be prepared. The end of the log:\n${tail("migration")}`);
start("service", [python, "-m", "gunicorn", "todo_project.wsgi"], serviceSettings, root);
const next = [process.execPath, "node_modules/next/dist/bin/next", process.argv.includes("--dev") ? "dev" : "start"];
start("page", [...next, "--hostname", "127.0.0.1", "--port", String(pagePort)], {
  NEXT_TELEMETRY_DISABLED: "1",
  BETTER_AUTH_URL: page,
  BETTER_AUTH_SECRET: secret(),
  AUTH_DATABASE: join(data, "auth.sqlite3"),
  TODO_SERVICE_URL: service,
}, here);
await Promise.all([answers(`${service}/health`), answers(page)]);
if (!isStopping) {
  console.log(`
  The page      ${page}
  The service   ${service}/docs
  Data, logs    ${data}

  Ctrl-C stops them.
`);
}
