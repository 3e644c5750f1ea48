import { LibsqlDialect } from "@libsql/kysely-libsql";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { jwt } from "better-auth/plugins";

/**
 * Who signs in, and the tokens that the service believes: it has `JWKS_URL` = this origin + /api/auth/jwks.
 * `BETTER_AUTH_URL` and `BETTER_AUTH_SECRET` are read from the environment.
 */
function create() {
  return betterAuth({
    database: { dialect: new LibsqlDialect({ url: `file:${process.env.AUTH_DATABASE ?? "auth.sqlite3"}` }), type: "sqlite" },
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    plugins: [jwt()],
  });
}

let created: ReturnType<typeof create> | undefined;

/** Made at the first call, for a build has neither secret nor database. */
export function auth() {
  created ??= create();
  return created;
}

export async function migrate() {
  await (await getMigrations(auth().options)).runMigrations();
}
