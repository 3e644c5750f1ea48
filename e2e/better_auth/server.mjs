// A real Better Auth on loopback. Prints its origin as one line of JSON once it serves.
//
//   node server.mjs DATABASE ALGORITHM [cookie-jwks|sessions]
//
// DATABASE is a file for SQLite, or the URL of a PostgreSQL. With "sessions" its clients send their session's token
// (the bearer plugin), and it has an admin plugin. PAGES_ORIGIN is where the pages come from that stand before it.
//
// Everything under /api/auth is Better Auth's own. Two paths more are what an application adds:
//   GET /api/shared-token   a token of the shared-secret kind, for the session of the cookie
//   GET /outbox             the verification tokens that would have gone out by email

import { createServer } from "node:http";
import { LibsqlDialect } from "@libsql/kysely-libsql";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import { admin, bearer, jwt } from "better-auth/plugins";
import { SignJWT } from "jose";
import pg from "pg";

const [database, alg, cookies] = process.argv.slice(2);
const secret = process.env.BETTER_AUTH_SECRET;
const outbox = [];
const server = createServer();

await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const auth = betterAuth({
  baseURL: origin,
  secret,
  // Comes built, for the machines that cannot have better-sqlite3 so.
  database: database.startsWith("postgres")
    ? new pg.Pool({ connectionString: database })
    : { dialect: new LibsqlDialect({ url: `file:${database}` }), type: "sqlite" },
  trustedOrigins: process.env.PAGES_ORIGIN ? [process.env.PAGES_ORIGIN] : [],
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  emailAndPassword: { enabled: true },
  emailVerification: {
    sendOnSignUp: true,
    sendVerificationEmail: async ({ token }) => void outbox.push(token),
  },
  session: { cookieCache: { enabled: true, strategy: "jwt" } },
  plugins: [
    jwt({
      // Without an algorithm: the default, as most set-ups leave it.
      ...(alg === "default" ? {} : { jwks: { keyPairConfig: { alg } } }),
      sessionCookieCache: cookies === "cookie-jwks",
    }),
    ...(cookies === "sessions" ? [bearer(), admin()] : []),
  ],
});
await (await getMigrations(auth.options)).runMigrations();

const betterAuthHandler = toNodeHandler(auth);

async function sharedToken(request) {
  const { user } = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
  return new SignJWT({ sub: user.id, email: user.email, name: user.name })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt()
    .setExpirationTime("7d")
    .sign(new TextEncoder().encode(secret));
}

server.on("request", async (request, response) => {
  if (request.url === "/api/shared-token") {
    response.end(JSON.stringify({ token: await sharedToken(request) }));
  } else if (request.url === "/outbox") {
    response.end(JSON.stringify(outbox));
  } else {
    betterAuthHandler(request, response);
  }
});
console.log(JSON.stringify({ origin }));
