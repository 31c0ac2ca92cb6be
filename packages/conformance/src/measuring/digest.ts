/** What a plugin puts out, in 64 digits, here and elsewhere: other processes, other threads. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { type LoadedPlugin, reasonOf } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import { CheckFailed } from "../cases/check-failed.ts";
import { play } from "../playing/play.ts";

/** A process or thread that has not answered by then hangs. */
const LIMIT_MS = 20_000;

export interface DigestJob {
  readonly folder: string;
  readonly cases: readonly Case[];
}

/** SHA-256 over the samples, channel by channel, in this machine's byte order, which WebAssembly makes little-endian. */
export function digestOf(plugin: LoadedPlugin, given: Case): string {
  const hash = createHash("sha256");
  for (const channel of play(plugin, given)) hash.update(new Uint8Array(channel.buffer));
  return hash.digest("hex");
}

/** In a Node of its own, started with `flags`. */
export async function digestsInProcess(
  folder: string,
  cases: readonly Case[],
  flags: readonly string[],
): Promise<readonly string[]> {
  const script = fileURLToPath(new URL("./digest-run.ts", import.meta.url));
  const job: DigestJob = { folder, cases };
  try {
    const args = [...flags, script, JSON.stringify(job)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT_MS });
    return JSON.parse(stdout);
  } catch (error) {
    throw new CheckFailed(
      `fails in a process of its own (${flags.join(" ")}): ${lastLineOf(reasonOf(error))}`,
    );
  }
}

function lastLineOf(text: string): string {
  return text.trim().split("\n").at(-1) ?? text;
}

/** In `threads` workers, all at once. */
export async function digestsInThreads(
  folder: string,
  cases: readonly Case[],
  threads: number,
): Promise<readonly (readonly string[])[]> {
  const job: DigestJob = { folder, cases };
  return Promise.all(Array.from({ length: threads }, () => digestsInThread(job)));
}

function digestsInThread(job: DigestJob): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./digest-run.ts", import.meta.url), { workerData: job });
    const fail = (why: string) => {
      void worker.terminate();
      reject(new CheckFailed(`fails in a thread of its own: ${why}`));
    };
    const timer = setTimeout(fail, LIMIT_MS, "it did not end").unref();
    worker.on("message", (digests) => {
      clearTimeout(timer);
      void worker.terminate();
      resolve(digests);
    });
    worker.on("error", (error) => fail(reasonOf(error)));
    worker.on("exit", () => fail("it ended early"));
  });
}
