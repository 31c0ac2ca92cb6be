/** Runs in-node.ts in a process of its own, whose V8 tells of its collections. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CollectionLog } from "./collections.ts";
import { report, type Soaked } from "./report.ts";

export async function soakInNode(seconds: number, seed: number): Promise<ReturnType<typeof report>> {
  const script = fileURLToPath(new URL("in-node.ts", import.meta.url));
  const child = spawn(process.execPath, ["--trace-gc", script, String(seconds), String(seed)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  const log = new CollectionLog(performance.now());
  const memory: number[] = [];
  let soaked: Omit<Soaked, "verified" | "memory" | "collections"> | undefined;
  let collections: Soaked["collections"] = [];
  let verified = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (log.take(line, performance.now())) continue;
    const [, kind, json] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (kind === "memory") memory.push(JSON.parse(json));
    else if (kind === "dropped") log.dropped(JSON.parse(json), performance.now());
    else if (kind === "progress") console.error(JSON.parse(json));
    else if (kind === "verified") verified = JSON.parse(json);
    else if (kind === "soaked") {
      soaked = JSON.parse(json);
      collections = log.isolates(performance.now());
    }
  }
  const [code] = await gone;
  if (!soaked) throw new Error(`the soak ended with ${code}`);
  return report("Node, node-web-audio-api", { ...soaked, verified, memory, collections });
}
