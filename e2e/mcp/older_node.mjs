// The conformance tests import one function of Node 22 that only a command of theirs for their own sources calls. With
// this they run on Node 20 too: node --import ./older_node.mjs node_modules/…/dist/index.js
import { register } from "node:module";

const fs = `
  export * from "node:fs";
  export function globSync() { throw new Error("Node 22 has this"); }
`;
const hooks = `
  const fs = ${JSON.stringify(`data:text/javascript,${encodeURIComponent(fs)}`)};
  export function resolve(specifier, context, next) {
    const isTheirs = (context.parentURL ?? "").includes("/@modelcontextprotocol/conformance/");
    return isTheirs && specifier === "fs" ? { url: fs, shortCircuit: true } : next(specifier, context);
  }
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
