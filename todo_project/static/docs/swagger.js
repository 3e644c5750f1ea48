// Swagger UI, and a form that logs in: it fills in the token, the caller's id, and the ids of what was made last.
const KEPT = "docs-session";
const form = document.getElementById("login");
const caller = document.getElementById("caller");
const said = document.getElementById("said");
const loaded = fetch("/openapi.json").then((answer) => answer.json());
// What stands in a parameter or in a body, by its name there.
const known = {};
let session = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
let ui;

// Which each operation may answer with, whatever is asked: the reference lists them, here they would hide the rest.
const EVERYWHERE = ["406", "408", "413", "414", "415", "431", "500"];

function filled(document) {
  const told = structuredClone(document);
  // The reference has all of it.
  told.info.description = told.info.description.split("\n\n**Personal")[0];
  for (const answer of Object.values(told.components.responses)) delete answer.headers;
  for (const [path, operations] of Object.entries(told.paths)) {
    for (const operation of Object.values(operations)) {
      for (const parameter of operation.parameters ?? []) {
        // Admins choose whom they look at.
        if (parameter.in === "path" && known[parameter.name] && !path.startsWith("/api/admin/")) {
          parameter.example = known[parameter.name];
        }
      }
      fillBody(operation);
      for (const status of EVERYWHERE) delete operation.responses[status];
    }
  }
  return told;
}

function fillBody(operation) {
  for (const content of Object.values(operation.requestBody?.content ?? {})) {
    for (const example of Object.values(content.examples ?? {})) {
      if ("refresh_token" in example.value && session) example.value.refresh_token = session.refresh_token;
      if ("action_id" in example.value && known.action_id) example.value.action_id = known.action_id;
    }
  }
}

async function show() {
  form.hidden = Boolean(session);
  caller.hidden = !session;
  if (session) {
    known.user_id = session.user.id;
    caller.firstElementChild.textContent = `${session.user.email} · ${session.user.id}`;
    ui.preauthorizeApiKey("bearer", session.access_token);
  }
  // Its own reading of text takes seconds.
  ui.specActions.updateJsonSpec(filled(await loaded));
}

async function keep(pair) {
  session = pair;
  sessionStorage.setItem(KEPT, JSON.stringify(pair));
  await show();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { email, password } = Object.fromEntries(new FormData(form));
  const path = event.submitter?.name === "signup" ? "signup" : "login";
  const answer = await fetch(`/api/auth/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  const body = await answer.json();
  said.textContent = answer.ok ? "You are calling as this account." : body.detail;
  if (answer.ok) {
    form.reset();
    await keep(body);
  }
});

caller.lastElementChild.addEventListener("click", async () => {
  const headers = { Authorization: `Bearer ${session.access_token}` };
  await fetch("/api/auth/logout", { method: "POST", headers });
  sessionStorage.removeItem(KEPT);
  location.reload();
});

// What was made is what the next examples are about.
async function learn(answer) {
  const body = answer.ok && answer.obj;
  if (!body) return answer;
  if (body.access_token) {
    await keep(body);
    return answer;
  }
  const before = JSON.stringify(known);
  if (body.title && body.priority) known.task_id = body.id;
  if (body.conversation_id) known.conversation_id = body.conversation_id;
  if (body.pending_action) known.action_id = body.pending_action.id;
  if (before !== JSON.stringify(known)) await show();
  return answer;
}

addEventListener("DOMContentLoaded", async () => {
  ui = SwaggerUIBundle({
    spec: filled(await loaded),
    dom_id: "#swagger-ui",
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    filter: true,
    defaultModelsExpandDepth: 0,
    // The badge would send the document's address to a public validator.
    validatorUrl: null,
    responseInterceptor: learn,
    onComplete: show,
  });
});
