/**
 * A worker thread that renders one part of a graph, always up to two chunks ahead of the join.
 *
 * Audio crosses on shared memory: two slots a crossing, filled and emptied in turn. `clock` holds two counters,
 * chunks ready and chunks released, which both sides wait on.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { CompensatedGraph, RuntimeFault } from "@gainstage/graph";
import { PluginFault, reasonOf } from "@gainstage/plugin-api";
import type { ActivationSetup } from "../running/activation.ts";
import type { NodeCode } from "../running/resolve-plugins.ts";
import { workerUrl } from "../running/worker-url.ts";
import type { JobSource } from "./render-job.ts";

export const READY = 0;
export const RELEASED = 1;
/** Set to 1 when the thread is to end. */
export const STOPPED = 2;
export const SLOTS = 2;

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
  readonly chunkFrames: number;
  readonly sources: ReadonlyMap<string, JobSource>;
  readonly sourceFrames: number;
  readonly module: WebAssembly.Module;
  readonly clock: Int32Array;
  /** By output node id, [channel], SLOTS chunks long. */
  readonly crossings: ReadonlyMap<string, readonly Float32Array[]>;
  /** Frames still to sound after each chunk, saturated, one a slot. */
  readonly remaining: Int32Array;
  /** Takes the RuntimeFaults of a chunk before the chunk is ready. */
  readonly faults: MessagePort;
}

export class PartThread {
  readonly #job: PartJob;
  readonly #worker: Worker;
  readonly #faults: MessagePort;
  readonly #onFault: (fault: RuntimeFault) => void;
  readonly #failed: Promise<never>;

  constructor(
    job: Omit<PartJob, "clock" | "crossings" | "remaining" | "faults">,
    onFault: (fault: RuntimeFault) => void,
  ) {
    const shared = (frames: number) => new Float32Array(new SharedArrayBuffer(frames * 4));
    const outputs = job.part.nodes.filter((node) => node.kind === "output");
    const { port1, port2 } = new MessageChannel();
    this.#faults = port1;
    this.#onFault = onFault;
    this.#job = {
      ...job,
      faults: port2,
      clock: new Int32Array(new SharedArrayBuffer(12)),
      remaining: new Int32Array(new SharedArrayBuffer(SLOTS * 4)),
      crossings: new Map(
        outputs.map((node) => [
          node.id,
          Array.from({ length: node.channels }, () => shared(SLOTS * job.chunkFrames)),
        ]),
      ),
    };
    this.#worker = new Worker(workerUrl("part-worker", import.meta.url), {
      workerData: this.#job,
      transferList: [port2],
    });
    this.#failed = new Promise((_, reject) => {
      const fail = (why: string) => reject(new PluginFault("trap", "worker thread", why));
      this.#worker.on("error", (error) => fail(reasonOf(error)));
      this.#worker.on("exit", () => fail("it ended before the render was over"));
    });
    // Whoever waits for a chunk hears of it; without one waiting it must not end the process.
    this.#failed.catch(() => {});
  }

  /** Resolves when chunk `index` can be read and its faults are told; rejects if the thread failed. */
  async chunkReady(index: number): Promise<void> {
    for (;;) {
      const ready = Atomics.load(this.#job.clock, READY);
      if (ready > index) {
        this.#tellFaults();
        return;
      }
      const wait = Atomics.waitAsync(this.#job.clock, READY, ready);
      if (wait.async) await Promise.race([wait.value, this.#failed]);
    }
  }

  /** Copies frames of a chunk to the join's inputs of the same names. */
  copyInto(
    inputs: ReadonlyMap<string, readonly Float32Array[]>,
    chunk: number,
    at: number,
    frames: number,
  ): void {
    const start = (chunk % SLOTS) * this.#job.chunkFrames + at;
    for (const [id, channels] of this.#job.crossings) {
      const targets = inputs.get(id);
      if (!targets) continue;
      for (const [c, channel] of channels.entries()) targets[c].set(channel.subarray(start, start + frames));
    }
  }

  /** True if nothing sounded any more at the end of chunk `index`. */
  isSilent(index: number): boolean {
    return this.#job.remaining[index % SLOTS] === 0;
  }

  /** The chunk's slot may be written again. */
  release(index: number): void {
    Atomics.store(this.#job.clock, RELEASED, index + 1);
    Atomics.notify(this.#job.clock, RELEASED);
  }

  /** Taken from the port at once: an event would come later than the chunk, or never after the last one. */
  #tellFaults(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#faults);
      if (!received) return;
      this.#onFault(received.message);
    }
  }

  async stop(): Promise<void> {
    this.#faults.close();
    Atomics.store(this.#job.clock, STOPPED, 1);
    Atomics.notify(this.#job.clock, RELEASED);
    await this.#worker.terminate();
  }
}
