// Reads UI-message streams, an array of arrays of chunks, and holds each against the schemas of the AI SDK's versions,
// the strict one of 6.0.0 too; then has each of them make messages of it, as useChat does.

import { readFileSync } from "node:fs";
import * as next from "ai-next";
import * as first from "ai-first";
import * as current from "ai";

const streams = JSON.parse(readFileSync(0, "utf8"));
const told = [];
for (const [version, { uiMessageChunkSchema, readUIMessageStream }] of Object.entries({ first, current, next })) {
  const schema = typeof uiMessageChunkSchema === "function" ? uiMessageChunkSchema() : uiMessageChunkSchema;
  for (const chunks of streams) {
    let message;
    for (const chunk of chunks) {
      const result = await schema.validate(chunk);
      if (!result.success) throw new Error(`${version}: ${JSON.stringify(chunk)}: ${result.error}`);
    }
    const stream = new ReadableStream({
      start(controller) {
        chunks.forEach((chunk) => controller.enqueue(chunk));
        controller.close();
      },
    });
    for await (const read of readUIMessageStream({ stream, terminateOnError: true })) message = read;
    told.push({ version, parts: message.parts.map(({ type, state, text, approval }) => ({ type, state, text, approval })) });
  }
}
console.log(JSON.stringify(told));
