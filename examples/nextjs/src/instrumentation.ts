/** When the server starts: Better Auth's tables are there before its first request. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { migrate } = await import("@/auth/server");
  await migrate();
}
