import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "./globals.css";

export const metadata: Metadata = { title: "To do", description: "Your tasks, and an assistant that keeps them." };
export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" };

// The policy's nonce is another one for each request, so no page can be rendered ahead.
export const dynamic = "force-dynamic";

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
