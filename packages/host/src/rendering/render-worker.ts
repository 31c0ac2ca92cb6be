/**
 * The thread on which renders are made, one job after the other: plugins are activated and run here, so that one that
 * does not return can be ended with its thread.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { toPlainError } from "../running/error-crossing.ts";
import { PartThread } from "./part-thread.ts";
import { mostParts, type RenderJob, type RenderMessage } from "./render-job.ts";
import type { Begun } from "./render-making.ts";

/** For parts, waiting for the next render; `workerData` is how many the first has at most. */
const idle = Array.from({ length: workerData as number }, () => new PartThread());
// Loaded while those load what they run.
const { makeRender } = await import("./render-making.ts");

const port = parentPort as MessagePort;
const tell = (message: RenderMessage) => port.postMessage(message);

port.on("message", (job: RenderJob) => {
  tell({ kind: "taken" });
  const threads = Array.from({ length: mostParts(job) }, () => idle.pop() ?? new PartThread());
  const begun: Begun = { threads, processors: [] };
  makeRender(job, begun, tell)
    .then(tell, (error: unknown) => tell({ kind: "failed", error: toPlainError(error) }))
    // Nobody waits for what plugins do at their end: one that does not return there keeps this thread, and nothing else.
    .then(() => letGo(begun))
    .then(() => tell({ kind: "free" }));
});

async function letGo({ threads, processors }: Begun): Promise<void> {
  const free = await Promise.all(threads.map((thread) => thread.finish()));
  idle.push(...threads.filter((_, k) => free[k]));
  for (const { processor } of processors) processor.dispose();
}
