/**
 * Sound on its way from a part of a graph to the threads behind it: a few chunks on shared memory, filled and emptied in
 * turn.
 *
 *   part ── write ──▶ │ chunk │ chunk │ … │ ── read ──▶ parts behind it, and the join
 *
 * A thread that is ahead by all of them waits. They are the slack that keeps all threads busy where there are more of these
 * than cores: a thread that the system sets aside for a while does not stop the others.
 */
import type { CompensatedGraph } from "@gainstage/graph";
import { copyShared, sharedChannel } from "./shared-channel.ts";
import type { Outputs } from "./sound-ring.ts";

export interface CrossingRing {
  /** By output node id, [channel], SLOTS chunks long. */
  readonly outputs: Outputs;
  readonly chunkFrames: number;
  /** READY, STOPPED, and for each thread behind, by its index, the chunks that it has done with. */
  readonly clock: Int32Array;
  /** Frames still to sound after each chunk, saturated, one a slot. */
  readonly remaining: Int32Array;
}

const READY = 0;
/** Set to 1 when nobody writes or reads any more. */
const STOPPED = 1;
const DONE_WITH = 2;
const SLOTS = 8;
const NEVER_READS = 0x7fffffff;
const MOST_REMAINING = 0x7fffffff;

/** One for each part. The join, behind all of them, reads as thread `parts.length`. */
export function crossingRings(
  parts: readonly CompensatedGraph[],
  chunkFrames: number,
): readonly CrossingRing[] {
  return parts.map((part) => {
    const outputs = new Map(
      part.nodes.flatMap((node) =>
        node.kind === "output"
          ? [
              [
                node.id,
                Array.from({ length: node.channels }, () => sharedChannel(SLOTS * chunkFrames)),
              ] as const,
            ]
          : [],
      ),
    );
    const clock = new Int32Array(new SharedArrayBuffer(4 * (DONE_WITH + parts.length + 1)));
    for (const [thread, reader] of parts.entries())
      if (!reads(reader, outputs)) clock[DONE_WITH + thread] = NEVER_READS;
    return { outputs, chunkFrames, clock, remaining: new Int32Array(new SharedArrayBuffer(4 * SLOTS)) };
  });
}

/** Whether anything of it arrives in a part. */
export function reads(part: CompensatedGraph, outputs: Outputs): boolean {
  return part.nodes.some(({ kind, id }) => kind === "input" && outputs.has(id));
}

/** Wakes whoever waits at the ring: nothing comes any more. */
export function stopRing({ clock }: CrossingRing): void {
  Atomics.store(clock, STOPPED, 1);
  for (let word = 0; word < clock.length; word++) Atomics.notify(clock, word);
}

/** The filling side, on the thread of the part. */
export class CrossingWriter {
  readonly #ring: CrossingRing;

  constructor(ring: CrossingRing) {
    this.#ring = ring;
  }

  /** Blocks until the slot of chunk `index` may be written; false if nobody reads any more. */
  waitForRoom(index: number): boolean {
    const { clock } = this.#ring;
    for (let reader = DONE_WITH; reader < clock.length; reader++) {
      for (;;) {
        const done = Atomics.load(clock, reader);
        if (Atomics.load(clock, STOPPED) === 1) return false;
        if (done > index - SLOTS) break;
        Atomics.wait(clock, reader, done);
      }
    }
    return true;
  }

  /** Frames of chunk `index` from `at` on: the first of each output. */
  write(outputs: Outputs, index: number, at: number, frames: number): void {
    const start = (index % SLOTS) * this.#ring.chunkFrames + at;
    for (const [id, channels] of outputs) {
      const targets = this.#ring.outputs.get(id)!;
      for (let c = 0; c < channels.length; c++) copyShared(targets[c], start, channels[c], 0, frames);
    }
  }

  /** Chunk `index` is whole. */
  ready(index: number, remainingFrames: number): void {
    const { clock, remaining } = this.#ring;
    remaining[index % SLOTS] = Math.min(remainingFrames, MOST_REMAINING);
    Atomics.store(clock, READY, index + 1);
    Atomics.notify(clock, READY);
  }
}

/** The emptying side, on thread `reader`. */
export class CrossingReader {
  readonly #ring: CrossingRing;
  readonly #reader: number;

  constructor(ring: CrossingRing, reader: number) {
    this.#ring = ring;
    this.#reader = reader;
  }

  /** Blocks until chunk `index` is there; false if it never will be. */
  waitFor(index: number): boolean {
    const { clock } = this.#ring;
    for (;;) {
      const ready = Atomics.load(clock, READY);
      if (ready > index) return true;
      if (Atomics.load(clock, STOPPED) === 1) return false;
      Atomics.wait(clock, READY, ready);
    }
  }

  /** The same without blocking; rejects with `failed`. */
  async arrival(index: number, failed: Promise<never>): Promise<void> {
    const { clock } = this.#ring;
    for (;;) {
      const ready = Atomics.load(clock, READY);
      if (ready > index) return;
      const wait = Atomics.waitAsync(clock, READY, ready);
      if (wait.async) await Promise.race([wait.value, failed]);
    }
  }

  /** Frames of chunk `index` from `at` on, to the inputs of the same names. */
  copyInto(inputs: Outputs, index: number, at: number, frames: number): void {
    const start = (index % SLOTS) * this.#ring.chunkFrames + at;
    for (const [id, channels] of this.#ring.outputs) {
      const targets = inputs.get(id);
      if (!targets) continue;
      for (let c = 0; c < channels.length; c++) copyShared(targets[c], 0, channels[c], start, frames);
    }
  }

  /** True if nothing sounded any more at the end of chunk `index`. */
  isSilent(index: number): boolean {
    return this.#ring.remaining[index % SLOTS] === 0;
  }

  /** Chunk `index` may be written over. */
  release(index: number): void {
    Atomics.store(this.#ring.clock, DONE_WITH + this.#reader, index + 1);
    Atomics.notify(this.#ring.clock, DONE_WITH + this.#reader);
  }
}
