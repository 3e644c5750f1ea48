// Sign up, create, list; a refused access token is refreshed and the call made again.
const send = (method, path, body, token) =>
  fetch(`http://localhost:8000/api${path}`, {
    method,
    body: body && JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
  });
const read = async (answer) => (answer.ok ? answer.json() : Promise.reject(new Error((await answer.json()).detail)));
let session = await read(await send("POST", "/auth/signup", { email: "ada@example.com", password: "correct horse battery" }));

async function call(method, path, body) {
  const answer = await send(method, path, body, session.access_token);
  if (answer.status !== 401) return read(answer);
  session = await read(await send("POST", "/auth/refresh", { refresh_token: session.refresh_token }));
  return call(method, path, body);
}

// Half an hour later the access token has expired.
await call("POST", "/tasks", { title: "Buy milk" });
console.log((await call("GET", "/tasks?status=pending")).data);
