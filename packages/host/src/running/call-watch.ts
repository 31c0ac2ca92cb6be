/**
 * Finds a call of a plugin that does not end: the thread that runs plugins writes down what it is about to do, on
 * shared memory, and another thread looks every now and then whether it is still at the same thing.
 */
import type { CallWatch } from "@gainstage/graph";

const IDLE = 0;
const STARTING = 1;
const ACTIVATING = 2;
const PROCESSING = 3;

/** Words: what is done, to which, how often something was begun; then an f64, the engine frame. */
const WHAT = 0;
const INDEX = 1;
const COUNT = 2;
const BYTES = 24;

export function watchMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(BYTES);
}

/** In a page that is not cross-origin isolated no memory is shared: nobody can look, and nothing is found. */
export function unwatchedMemory(): ArrayBuffer {
  return new ArrayBuffer(BYTES);
}

/** The watched side. Each method [audio], except as said. */
export class SharedCallWatch implements CallWatch {
  readonly #words: Int32Array;
  readonly #frame: Float64Array;

  constructor(memory: ArrayBufferLike) {
    this.#words = new Int32Array(memory, 0, 4);
    this.#frame = new Float64Array(memory, 16, 1);
  }

  enter(plugin: number, frame: number): void {
    this.#frame[0] = frame;
    this.#begin(PROCESSING, plugin);
  }

  leave(): void {
    Atomics.store(this.#words, WHAT, IDLE);
  }

  /** [control] Loads a package and runs its start function: `code` counts the codes of the render. */
  async starting<T>(code: number, work: () => Promise<T>): Promise<T> {
    this.#begin(STARTING, code);
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** [control] `node` counts the plugin nodes of the whole graph. */
  activating<T>(node: number, work: () => T): T {
    this.#begin(ACTIVATING, node);
    try {
      return work();
    } finally {
      this.leave();
    }
  }

  #begin(what: number, index: number): void {
    this.#words[INDEX] = index;
    Atomics.add(this.#words, COUNT, 1);
    Atomics.store(this.#words, WHAT, what);
  }
}

export interface StuckCall {
  readonly doing: "starting" | "activating" | "processing";
  /** As the watched side counts. */
  readonly index: number;
  readonly frame: number;
}

const DOING = { [STARTING]: "starting", [ACTIVATING]: "activating", [PROCESSING]: "processing" } as const;

/** The watching side. [control] */
export class CallWatcher {
  readonly #words: Int32Array;
  readonly #frame: Float64Array;
  #lastCount = -1;
  #looks = 0;

  constructor(memory: ArrayBufferLike) {
    this.#words = new Int32Array(memory, 0, 4);
    this.#frame = new Float64Array(memory, 16, 1);
  }

  /** The call that was found under way at `looks` looks in a row. Counting looks, not time, forgives a machine that stood still. */
  look(looks: number): StuckCall | undefined {
    const what = Atomics.load(this.#words, WHAT) as keyof typeof DOING | typeof IDLE;
    const count = Atomics.load(this.#words, COUNT);
    if (what === IDLE || count !== this.#lastCount) {
      this.#lastCount = count;
      this.#looks = 0;
      return undefined;
    }
    if (++this.#looks < looks) return undefined;
    return { doing: DOING[what], index: this.#words[INDEX], frame: this.#frame[0] };
  }
}
