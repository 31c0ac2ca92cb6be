/**
 * The asking side of render-worker.ts: hands a job to the thread, passes on what it tells, and looks four times a
 * second whether a plugin hangs in it. A thread in which one hangs is ended; one that is done may make the next render.
 */
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { PluginFault, reasonOf } from "@gainstage/plugin-api";
import { CallWatcher, type StuckCall } from "../running/call-watch.ts";
import { fromPlainError } from "../running/error-crossing.ts";
import { type Pending, pending } from "../running/pending.ts";
import { workerUrl } from "../running/worker-url.ts";
import type { RenderJob, RenderMessage } from "./render-job.ts";

const LOOK_SECONDS = 0.25;
/** A thread that made a render before takes the next at once, unless a plugin left something in it that goes on. */
const TAKING_LOOKS = 20;
const LETTING_GO_SECONDS = 2;

/** A call that does not end, in words of the whole render. */
export interface Hang {
  readonly doing: StuckCall["doing"];
  /** Index of the code while it starts; otherwise the node. */
  readonly code?: number;
  readonly node?: string;
  /** Engine frame of the call, for one of process(). */
  readonly frame: number;
}

type Done = Extract<RenderMessage, { kind: "done" }>["rendered"];
type Told = Exclude<RenderMessage, { kind: "done" | "failed" | "plan" | "taken" | "free" }>;

interface Listener {
  message(message: RenderMessage): void;
  over(error: Error): void;
}

export class RenderThread {
  readonly #worker: Worker;
  /** Who waits for the job under way. */
  #listener: Listener | undefined;
  /** Resolved when the job before is let go of, or the thread is over. */
  #free: Pending<void> = pending();
  #isOver = false;
  #isNew = true;

  /** Begins as many threads for parts at once. */
  constructor(parts: number) {
    this.#worker = new Worker(workerUrl("render-worker", import.meta.url), { workerData: parts });
    this.#worker.unref();
    const over = (why: string) => this.#listener?.over(new PluginFault("trap", "worker thread", why));
    this.#worker.on("message", (message: RenderMessage) => {
      if (message.kind === "free") this.#free.resolve();
      else this.#listener?.message(message);
    });
    const end = (why: string) => {
      this.#isOver = true;
      this.#free.resolve();
      over(why);
    };
    this.#worker.on("error", (error) => end(reasonOf(error)));
    this.#worker.on("exit", () => end("it ended before the render was over"));
  }

  /** After a job: true once all of it is let go of; false if that takes too long, or the thread is over. */
  async isFree(): Promise<boolean> {
    this.#worker.ref();
    const late = new AbortController();
    const tooLong = wait(LETTING_GO_SECONDS * 1000, false, { signal: late.signal }).catch(() => false);
    const free = await Promise.race([this.#free.promise.then(() => true), tooLong]);
    late.abort();
    this.#worker.unref();
    return free && !this.#isOver;
  }

  /** One job at a time. Rejects with what the render threw, or the reason of `signal`; then, and after a hang, the thread is over. */
  async run(
    job: RenderJob,
    hangSeconds: number,
    tell: (message: Told) => void,
    signal?: AbortSignal,
  ): Promise<{ readonly rendered: Done } | { readonly hang: Hang } | { readonly notTaken: true }> {
    if (this.#isOver) return { notTaken: true };
    this.#free = pending();
    let taken = false;
    let looksToTake = this.#isNew ? Number.POSITIVE_INFINITY : TAKING_LOOKS;
    this.#isNew = false;
    const watchers = job.watches.map((memory) => new CallWatcher(memory));
    const looks = Math.max(1, Math.ceil(hangSeconds / LOOK_SECONDS));
    const plans: (readonly string[])[] = [];
    let timer: NodeJS.Timeout | undefined;
    let aborted: (() => void) | undefined;
    this.#worker.ref();
    try {
      return await new Promise((resolve, reject) => {
        const message = (told: RenderMessage) => {
          if (told.kind === "taken") taken = true;
          else if (told.kind === "done") resolve({ rendered: told.rendered });
          else if (told.kind === "failed") reject(fromPlainError(told.error));
          else if (told.kind === "plan") plans[told.thread] = told.nodes;
          else if (told.kind !== "free") tell(told);
        };
        this.#listener = {
          message: (told) => {
            try {
              message(told);
            } catch (error) {
              reject(error);
            }
          },
          over: (error) => (taken ? reject(error) : resolve({ notTaken: true })),
        };
        timer = setInterval(() => {
          if (!taken && --looksToTake < 0) resolve({ notTaken: true });
          for (const [thread, watcher] of watchers.entries()) {
            const stuck = watcher.look(looks);
            if (stuck) resolve({ hang: inWords(stuck, job, plans[thread]) });
          }
        }, LOOK_SECONDS * 1000);
        aborted = () => reject(signal?.reason);
        signal?.addEventListener("abort", aborted);
        if (signal?.aborted) aborted();
        else this.#worker.postMessage(job);
      });
    } finally {
      clearInterval(timer);
      if (aborted) signal?.removeEventListener("abort", aborted);
      this.#listener = undefined;
      this.#worker.unref();
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function inWords({ doing, index, frame }: StuckCall, job: RenderJob, plan: readonly string[] = []): Hang {
  if (doing === "starting") return { doing, code: index, frame: 0 };
  const node = doing === "activating" ? [...job.codeOf.keys()][index] : plan[index];
  return { doing, ...(node !== undefined && { node }), frame };
}
