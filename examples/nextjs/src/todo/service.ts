/** Where the service is. Read when it is needed, not when this is built: a build works everywhere. */
export function serviceUrl(): string {
  return process.env.TODO_SERVICE_URL ?? "http://localhost:8001";
}
