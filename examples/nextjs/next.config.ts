import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // The database driver of Better Auth is a program of this machine, not one to be bundled.
  serverExternalPackages: ["@libsql/kysely-libsql", "@libsql/client", "libsql"],
  turbopack: { root: import.meta.dirname },
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "X-Content-Type-Options", value: "nosniff" },
        { key: "Referrer-Policy", value: "same-origin" },
      ],
    },
  ],
};

export default config;
