// The peer on Bun: Elysia, Bun's own PostgreSQL client and jose, as a careful team would write it.
// It checks the token and looks the session up on each request, as the service does.
import { cors } from "@elysiajs/cors";
import { SQL } from "bun";
import { Elysia, t } from "elysia";
import { jwtVerify } from "jose";

const WORKERS = 2;
const PAGE_SIZE = 10_000;
const KEY = new TextEncoder().encode(process.env.SECRET_KEY);

// A Date holds milliseconds only, so instants come as text.
const instant = (name: string) => `(${name} AT TIME ZONE 'UTC')::text AS ${name}`;
const NAMES = ["id", "user_id", "title", "description", "completed", "completed_at", "priority", "due_at", "tags", "created_at", "updated_at"];
const COLUMNS = NAMES.map((name) => (name.endsWith("_at") ? instant(name) : name)).join(", ");

function written(stored: string | null) {
  return stored && `${stored.slice(0, 10)}T${stored.slice(11, 19)}.${stored.slice(20).padEnd(6, "0")}Z`;
}

function document(row: any) {
  return {
    id: row.id,
    user_id: row.user_id,
    title: row.title,
    description: row.description,
    completed: row.completed,
    is_completed: row.completed,
    completed_at: written(row.completed_at),
    priority: row.priority,
    due_at: written(row.due_at),
    tags: row.tags,
    created_at: written(row.created_at),
    updated_at: written(row.updated_at),
  };
}

function serve() {
  // As the service's own pool.
  const db = new SQL({ url: process.env.DATABASE_URL, max: 15, maxLifetime: 300 });
  const columns = db.unsafe(COLUMNS);

  async function isLive(userId: string, sessionId: string) {
    const found = await db`
      SELECT u.id FROM peer_session s JOIN peer_user u ON u.id = s.user_id
      WHERE s.user_id = ${userId} AND s.id = ${sessionId} AND s.ended_at IS NULL AND s.expires_at > ${new Date()} AND u.is_active`;
    return found.length === 1;
  }

  const tasks = new Elysia({ prefix: "/api/:user_id/tasks" })
    // The user of the path must be the caller, their session live.
    .onBeforeHandle(async ({ headers, params, status }) => {
      const [scheme, token] = (headers.authorization ?? "").split(" ");
      if (scheme.toLowerCase() !== "bearer" || !token) return status(401);
      let claims;
      try {
        claims = (await jwtVerify(token, KEY, { algorithms: ["HS256"], issuer: "todo-backend" })).payload;
      } catch {
        return status(401);
      }
      if (claims.sub !== params.user_id) return status(403);
      if (!(await isLive(params.user_id, claims.sid as string))) return status(401);
    })
    .get(
      "",
      async ({ params, query }) => {
        const size = query.limit ?? PAGE_SIZE;
        const after = query.cursor ? db`AND id < ${query.cursor}` : db``;
        const rows = await db`
          SELECT ${columns} FROM peer_task WHERE user_id = ${params.user_id} ${after} ORDER BY id DESC LIMIT ${size + 1}`;
        const hasMore = rows.length > size;
        const data = (hasMore ? rows.slice(0, size) : rows).map(document);
        const next_cursor = hasMore ? data[size - 1].id : null;
        return { data, meta: { timestamp: new Date().toISOString(), count: data.length, next_cursor } };
      },
      { query: t.Object({ limit: t.Optional(t.Numeric({ minimum: 1, maximum: 1000 })), cursor: t.Optional(t.String({ format: "uuid" })) }) },
    )
    .post(
      "",
      async ({ params, body, set }) => {
        const now = new Date().toISOString();
        const row = {
          id: Bun.randomUUIDv7(), user_id: params.user_id, title: body.title, description: body.description ?? null,
          completed: false, completed_at: null, priority: body.priority ?? "medium", due_at: body.due_at ?? null,
          tags: body.tags ?? [], created_at: now, updated_at: now,
        };
        await db`
          INSERT INTO peer_task ${db({ ...row, tags: db.array(row.tags, "TEXT") })}`;
        set.status = 201;
        set.headers.location = `/api/${params.user_id}/tasks/${row.id}`;
        return document({ ...row, created_at: now.slice(0, -1), updated_at: now.slice(0, -1), due_at: row.due_at && new Date(row.due_at).toISOString().slice(0, -1) });
      },
      {
        body: t.Object({
          title: t.String({ minLength: 1, maxLength: 200 }),
          description: t.Optional(t.Nullable(t.String({ maxLength: 1000 }))),
          priority: t.Optional(t.String({ maxLength: 6 })),
          due_at: t.Optional(t.Nullable(t.String({ format: "date-time" }))),
          tags: t.Optional(t.Array(t.String({ maxLength: 50 }), { maxItems: 20 })),
        }),
      },
    )
    .get("/:task_id", async ({ params, status }) => {
      const [row] = await db`SELECT ${columns} FROM peer_task WHERE user_id = ${params.user_id} AND id = ${params.task_id}`;
      return row ? document(row) : status(404);
    }, { params: t.Object({ user_id: t.String(), task_id: t.String({ format: "uuid" }) }) })
    .patch("/:task_id/toggle", async ({ params, status }) => {
      const now = new Date();
      const [row] = await db`
        UPDATE peer_task SET completed = NOT completed, updated_at = ${now},
          completed_at = CASE WHEN completed THEN NULL ELSE ${now}::timestamptz END
        WHERE user_id = ${params.user_id} AND id = ${params.task_id} RETURNING ${columns}`;
      return row ? document(row) : status(404);
    }, { params: t.Object({ user_id: t.String(), task_id: t.String({ format: "uuid" }) }) });

  new Elysia()
    .use(cors({ origin: "http://localhost:3000", credentials: true }))
    .onAfterResponse(({ request, set }) => console.log(request.method, new URL(request.url).pathname, set.status ?? 200))
    .get("/health", () => ({ status: "healthy" }))
    .use(tasks)
    .listen({ hostname: "127.0.0.1", port: Number(process.env.PORT), reusePort: true });
}

if (process.env.PEER_WORKER) {
  serve();
} else {
  const env = { ...process.env, PEER_WORKER: "1" };
  const workers = Array.from({ length: WORKERS }, () => Bun.spawn([process.execPath, import.meta.path], { env, stdout: "inherit", stderr: "inherit" }));
  process.on("SIGTERM", () => {
    for (const worker of workers) worker.kill();
    process.exit();
  });
  await Promise.all(workers.map((worker) => worker.exited));
}
