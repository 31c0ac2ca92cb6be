/**
 * A worker thread that renders one part of a graph, a few chunks ahead of the join (crossing-ring.ts). It outlives the
 * render: a part of the next may run on it, unless a plugin in JavaScript was there, which may have left anything behind.
 */
import { setTimeout as wait } from "node:timers/promises";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { CompensatedGraph, RuntimeFault } from "@gainstage/graph";
import { PluginFault, reasonOf } from "@gainstage/plugin-api";
import type { ActivationSetup } from "../running/activation.ts";
import { type Pending, pending } from "../running/pending.ts";
import type { NodeCode } from "../running/resolve-plugins.ts";
import { workerUrl } from "../running/worker-url.ts";
import { CrossingReader, type CrossingRing, stopRing } from "./crossing-ring.ts";
import type { JobSource } from "./render-job.ts";
import type { Outputs } from "./sound-ring.ts";

const LETTING_GO_SECONDS = 1;

export interface PartJob {
  readonly part: CompensatedGraph;
  readonly codes: readonly NodeCode[];
  readonly codeOf: ReadonlyMap<string, number>;
  readonly hangs: ReadonlyMap<string, readonly number[]>;
  readonly notAgain: ReadonlySet<string>;
  readonly isolated: ReadonlySet<string>;
  /** Shared memory of this thread's call watch. */
  readonly watched: SharedArrayBuffer;
  readonly setup: ActivationSetup;
  /** No more of the part than this is asked for. */
  readonly mostFrames: number;
  readonly sources: ReadonlyMap<string, JobSource>;
  readonly sourceFrames: number;
  readonly module: WebAssembly.Module;
  /** Where its outputs go, and where its inputs "cross:N" come from, in which it reads as thread `thread`. */
  readonly ring: CrossingRing;
  readonly before: readonly CrossingRing[];
  readonly thread: number;
  /** Takes the RuntimeFaults of a chunk before the chunk is ready. */
  readonly faults: MessagePort;
}

interface Work {
  readonly ring: CrossingRing;
  readonly crossing: CrossingReader;
  readonly faults: MessagePort;
  readonly onFault: (fault: RuntimeFault) => void;
  readonly free: Pending<void>;
  /** Whether its plugins could leave nothing behind. */
  readonly isClean: boolean;
}

export class PartThread {
  readonly #worker: Worker;
  readonly #failed: Promise<never>;
  #isOver = false;
  #work: Work | undefined;

  constructor() {
    this.#worker = new Worker(workerUrl("part-worker", import.meta.url));
    this.#worker.on("message", () => this.#work?.free.resolve());
    this.#failed = new Promise((_, reject) => {
      const fail = (why: string) => {
        this.#isOver = true;
        this.#work?.free.resolve();
        reject(new PluginFault("trap", "worker thread", why));
      };
      this.#worker.on("error", (error) => fail(reasonOf(error)));
      this.#worker.on("exit", () => fail("it ended before the render was over"));
    });
    // Whoever waits for a chunk hears of it; without one waiting it must not end the process.
    this.#failed.catch(() => {});
  }

  /** `join` is the thread as which the join reads. */
  begin(job: Omit<PartJob, "faults">, join: number, onFault: (fault: RuntimeFault) => void): void {
    const { ring, part, codes, codeOf } = job;
    const used = part.nodes.flatMap(({ id }) => codes[codeOf.get(id) ?? -1] ?? []);
    const { port1, port2 } = new MessageChannel();
    this.#work = {
      ring,
      crossing: new CrossingReader(ring, join),
      faults: port1,
      onFault,
      free: pending(),
      isClean: used.every((code) => "module" in code || "placeholder" in code),
    };
    this.#worker.postMessage({ ...job, faults: port2 } satisfies PartJob, [port2]);
  }

  /** Resolves when chunk `index` can be read and its faults are told; rejects if the thread failed. */
  async chunkReady(index: number): Promise<void> {
    await this.#work?.crossing.arrival(index, this.#failed);
    this.#tellFaults();
  }

  /** Copies frames of a chunk to the join's inputs of the same names. */
  copyInto(inputs: Outputs, chunk: number, at: number, frames: number): void {
    this.#work?.crossing.copyInto(inputs, chunk, at, frames);
  }

  /** True if nothing sounded any more at the end of chunk `index`. */
  isSilent(index: number): boolean {
    return this.#work?.crossing.isSilent(index) ?? true;
  }

  /** The join has done with the chunk. */
  release(index: number): void {
    this.#work?.crossing.release(index);
  }

  /** Taken from the port at once: an event would come later than the chunk, or never after the last one. */
  #tellFaults(): void {
    for (;;) {
      const received = this.#work && receiveMessageOnPort(this.#work.faults);
      if (!received) return;
      this.#work?.onFault(received.message);
    }
  }

  /** Ends the work, if there is any. True if the thread can be given other work; otherwise it has been ended. */
  async finish(): Promise<boolean> {
    const work = this.#work;
    if (work) {
      stopRing(work.ring);
      const late = new AbortController();
      const tooLong = wait(LETTING_GO_SECONDS * 1000, true, { signal: late.signal }).catch(() => false);
      const isLate = await Promise.race([work.free.promise, tooLong]);
      late.abort();
      work.faults.close();
      this.#work = undefined;
      if (isLate || !work.isClean) this.#isOver = true;
    }
    if (this.#isOver) await this.#worker.terminate();
    return !this.#isOver;
  }
}
