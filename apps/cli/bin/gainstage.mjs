#!/usr/bin/env node
// Starts the command on Node 24: the one this runs on, or the one in node_modules. Plain JavaScript for any Node.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const main = join(dirname(fileURLToPath(import.meta.url)), "../src/main.ts");
if (Number(process.versions.node.split(".")[0]) >= 24) await import(main);
else {
  const own = join(dirname(fileURLToPath(import.meta.url)), "../../../node_modules/.bin/node");
  if (!existsSync(own)) {
    console.error(
      `error: gainstage needs Node 24, this is ${process.version}. Run npm start once, or install Node 24.`,
    );
    process.exit(2);
  }
  const { status, signal } = spawnSync(own, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(signal ? 130 : (status ?? 1));
}
