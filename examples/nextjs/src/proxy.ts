import { type NextRequest, NextResponse } from "next/server";
import { serviceUrl } from "@/todo/service";

/** Each page comes with a policy: scripts and styles of our own alone, and calls to nobody but the service. */
export function proxy(request: NextRequest) {
  const nonce = crypto.randomUUID();
  const policy = contentPolicy(nonce);
  // Next reads the nonce from here, and gives it to its own scripts.
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

function contentPolicy(nonce: string) {
  const isDevelopment = process.env.NODE_ENV === "development";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' ${isDevelopment ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    `connect-src 'self' ${serviceUrl()}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export const config = { matcher: "/((?!api/|_next/static/|icon.svg).*)" };
