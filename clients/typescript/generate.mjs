// Writes src/schema.ts anew from openapi.json; with --check it only says whether that would change it.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";

const document = new URL("../../openapi.json", import.meta.url);
const target = new URL("src/schema.ts", import.meta.url);
// What notices a change where there is no Node compares this.
const sum = createHash("sha256").update(readFileSync(document)).digest("hex");
const types = `${COMMENT_HEADER}// SHA-256 of openapi.json: ${sum}\n\n${astToString(await openapiTS(document))}`;

if (!process.argv.includes("--check")) {
  writeFileSync(target, types);
} else if (readFileSync(target, "utf8") !== types) {
  console.error("src/schema.ts is not what openapi.json says: npm run generate");
  process.exitCode = 1;
}
