#!/usr/bin/env node
// Starts the command. From npm it is JavaScript, for the Node that this runs on. In a clone of the repository it is
// TypeScript, which takes Node 24: this one, or the one in node_modules. Plain JavaScript for any Node.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = new URL("../src/main.js", import.meta.url);
const source = new URL("../src/main.ts", import.meta.url);
if (existsSync(built)) await import(built);
else if (Number(process.versions.node.split(".")[0]) >= 24) await import(source);
else {
  const own = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));
  if (!existsSync(own)) {
    console.error(
      `error: gainstage-faust needs Node 24, this is ${process.version}. Run npm start once, or install Node 24.`,
    );
    process.exit(2);
  }
  const args = [fileURLToPath(source), ...process.argv.slice(2)];
  const { status, signal } = spawnSync(own, args, { stdio: "inherit" });
  process.exit(signal ? 130 : (status ?? 1));
}
