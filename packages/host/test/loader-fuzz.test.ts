/**
 * Ten thousand hostile plugins through the loader, in a thread that can be ended. FUZZ_SEED runs the cases of a seed again,
 * FUZZ_CASES another number of them.
 */
import { randomInt } from "node:crypto";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import type { FuzzJob, FuzzResult } from "./loader-fuzz-worker.ts";

const CASES = Number(process.env.FUZZ_CASES ?? 10_000);
const LIMIT_MS = 6 * CASES;
const GIBIBYTE = 2 ** 30;

test(`of ${CASES} mutated manifests and kernels each is loaded or refused with a PluginFault`, async () => {
  const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
  console.log(`loader fuzz: FUZZ_SEED=${seed}`);
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const job: FuzzJob = { seed, cases: CASES, progress };
  const worker = new Worker(new URL("./loader-fuzz-worker.ts", import.meta.url), { workerData: job });
  const result = await new Promise<FuzzResult>((resolve, reject) => {
    const hung = () => reject(new Error(`case ${progress[0]} of seed ${seed} has not come to an end`));
    const timer = setTimeout(hung, LIMIT_MS);
    worker.once("message", resolve).once("error", reject);
    worker.once("exit", () => clearTimeout(timer));
  }).finally(() => worker.terminate());

  console.log(`loader fuzz: ${JSON.stringify({ ...result, escaped: result.escaped.length })}`);
  expect(result.escaped).toEqual([]);
  // Every stage was reached, and some came through.
  for (const stage of ["manifest-invalid", "entry-invalid", "import-forbidden", "export-missing", "loaded"])
    expect(result.outcomes, stage).toHaveProperty(stage);
  expect(result.slowestMs, `processor time of case ${result.slowestCase}`).toBeLessThan(1000);
  expect(result.grownBytes).toBeLessThan(GIBIBYTE);
});
