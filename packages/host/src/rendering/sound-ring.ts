/**
 * The sound of a render on its way to whoever asked for it: a few slots on shared memory. The render thread waits while
 * all of them are full; that is how a slow taker slows the render down instead of filling the memory.
 */
export interface SoundRing {
  /** By output node id, [channel], SLOTS slots long. */
  readonly outputs: ReadonlyMap<string, readonly Float32Array[]>;
  readonly slotFrames: number;
  /** Slots filled and slots taken. */
  readonly clock: Int32Array;
}

const FILLED = 0;
const TAKEN = 1;
const SLOTS = 4;

export type Outputs = ReadonlyMap<string, readonly Float32Array[]>;

/** Where a render puts its sound, a slot at a time. */
export interface SoundWriter {
  /** The slot to write to; it stays the same until it is sent. May block until it is free. */
  next(): Outputs;
  /** The first `frames` frames of the slot are the next of the render. */
  send(frames: number): void;
}

/** The filling side, on the render thread. */
export class SoundRingWriter implements SoundWriter {
  readonly ring: SoundRing;
  readonly #slots: readonly Outputs[];
  readonly #onSent: (frames: number) => void;

  /** For outputs of the shape of `outputs`. `onSent` is told of each slot that is filled. */
  constructor(outputs: Outputs, slotFrames: number, onSent: (frames: number) => void) {
    const shared = () => new Float32Array(new SharedArrayBuffer(SLOTS * slotFrames * 4));
    const ring = {
      outputs: new Map([...outputs].map(([id, channels]) => [id, channels.map(shared)])),
      slotFrames,
      clock: new Int32Array(new SharedArrayBuffer(8)),
    };
    this.ring = ring;
    this.#slots = Array.from({ length: SLOTS }, (_, slot) =>
      part(ring.outputs, slot * slotFrames, slotFrames),
    );
    this.#onSent = onSent;
  }

  next(): Outputs {
    const { clock } = this.ring;
    const filled = Atomics.load(clock, FILLED);
    for (;;) {
      const taken = Atomics.load(clock, TAKEN);
      if (filled - taken < SLOTS) return this.#slots[filled % SLOTS];
      Atomics.wait(clock, TAKEN, taken);
    }
  }

  send(frames: number): void {
    Atomics.add(this.ring.clock, FILLED, 1);
    this.#onSent(frames);
  }
}

/** The slot after those that were taken: frames `from` to `to` of it. Valid until takenSlot(). */
export function nextSlot(ring: SoundRing, from: number, to: number): Outputs {
  const start = (Atomics.load(ring.clock, TAKEN) % SLOTS) * ring.slotFrames;
  return part(ring.outputs, start + from, to - from);
}

export function takenSlot({ clock }: SoundRing): void {
  Atomics.add(clock, TAKEN, 1);
  Atomics.notify(clock, TAKEN);
}

/** `frames` frames of all outputs, from `start` on. */
export function part(outputs: Outputs, start: number, frames: number): Outputs {
  return new Map(
    [...outputs].map(([id, channels]) => [
      id,
      channels.map((channel) => channel.subarray(start, start + frames)),
    ]),
  );
}
