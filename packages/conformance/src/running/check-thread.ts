/**
 * Runs checks in a worker thread, under a watch: a call of the plugin that does not return within its time costs the
 * thread its life and the check its result, and the next check starts in a new thread.
 */
import { Worker } from "node:worker_threads";
import { reasonOf } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import type { MeasuredCard } from "../measuring/card.ts";
import { BEAT_BYTES, BeatReader } from "../playing/watched-plugin.ts";
import type { CheckResult } from "./report.ts";

export interface CheckJob {
  readonly folder: string;
  readonly ids: readonly string[];
  readonly seed?: number | undefined;
  readonly effort?: number | undefined;
  readonly budgetMs?: number | undefined;
  readonly soakMinutes?: number | undefined;
  /** Run this case of the check alone. */
  readonly replay?: Case | undefined;
  /** Why it does not activate with its defaults, which a thread before this one found. */
  readonly inert?: string | undefined;
  /** Measure the card at the end. */
  readonly card: boolean;
  readonly beat: SharedArrayBuffer;
}

export type CheckMessage =
  | { readonly type: "began"; readonly id: string }
  | { readonly type: "trying"; readonly given: Case }
  | { readonly type: "ended"; readonly result: CheckResult }
  /** Nothing can be asked of it, which the check of this id says. */
  | { readonly type: "unusable"; readonly id: "L01" | "L12"; readonly why: string }
  | { readonly type: "card"; readonly card: MeasuredCard }
  | { readonly type: "done" };

/** How a thread came to its end. */
export interface ThreadEnd {
  /** The check that was running, "activation" before the first of them, "card", or undefined if all is done. */
  readonly during: string | undefined;
  readonly why: string;
  /** What it ran last. */
  readonly given: Case | undefined;
}

/** No call of a plugin may take longer. */
const CALL_LIMIT_MS = 2000;
const LOOK_EVERY_MS = 50;

export function runThread(
  job: Omit<CheckJob, "beat">,
  onMessage: (message: CheckMessage) => void,
  callLimitMs = CALL_LIMIT_MS,
): Promise<ThreadEnd> {
  const beat = new SharedArrayBuffer(BEAT_BYTES);
  const reader = new BeatReader(new Int32Array(beat));
  const worker = new Worker(new URL("./check-worker.ts", import.meta.url), { workerData: { ...job, beat } });
  return new Promise((resolve) => {
    let during: string | undefined = job.ids[0];
    let given: Case | undefined;
    const end = (why: string) => {
      clearInterval(timer);
      resolve({ during, why, given });
      void worker.terminate();
    };
    const timer = setInterval(() => {
      const call = reader.overdue(performance.now(), callLimitMs);
      if (call) end(`${call} did not return within ${callLimitMs / 1000} s`);
    }, LOOK_EVERY_MS);
    worker.on("message", (message: CheckMessage) => {
      if (message.type === "began") [during, given] = [message.id, undefined];
      else if (message.type === "trying") given = message.given;
      else if (message.type === "done") {
        during = undefined;
        end("done");
      }
      onMessage(message);
    });
    worker.on("error", (error) => end(`it ended its thread: ${reasonOf(error)}`));
    worker.on("exit", () => end("it ended its thread"));
  });
}
