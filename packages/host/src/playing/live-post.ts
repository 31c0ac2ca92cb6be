/**
 * How rows of levels cross from the thread that plays, which must not allocate for it.
 *
 * With shared memory there is one row in it, which belongs to the thread that plays while `state` is FREE, and to the
 * control side while it is FULL. Without (a page that is not cross-origin isolated) a few buffers go to and fro: each is
 * transferred when it is filled, and sent back when it is read. While there is no place, levels are gathered on.
 */
import type { LiveMessage } from "./live-messages.ts";

const FREE = 0;
const FULL = 1;
/** Of the state, so that the row is aligned. */
const STATE_BYTES = 8;
const POOL = 3;

export type LevelMemory = SharedArrayBuffer | readonly ArrayBuffer[];

/** [control] For rows of so many numbers. */
export function levelMemory(length: number): LevelMemory {
  if (typeof SharedArrayBuffer !== "undefined") return new SharedArrayBuffer(STATE_BYTES + 8 * length);
  return Array.from({ length: POOL }, () => new ArrayBuffer(8 * length));
}

/** [control] The row in shared memory that waits to be read, and who plays may write the next as soon as `read` is over. */
export function readShared(memory: SharedArrayBuffer, read: (values: Float64Array) => void): void {
  const state = new Int32Array(memory, 0, 1);
  if (Atomics.load(state, 0) !== FULL) return;
  read(new Float64Array(memory, STATE_BYTES));
  Atomics.store(state, 0, FREE);
}

/** The side that plays. [audio] */
export interface LevelPost {
  /** Where the next row is written; undefined while there is no place. */
  readonly place: Float64Array | undefined;
  /** What was written to `place` goes to the control side. */
  send(): void;
  /** [control, between blocks] A buffer that was read. */
  takeBack(buffer: ArrayBuffer): void;
}

export type TellTransferring = (message: LiveMessage, transferred: ArrayBuffer[]) => void;

export function levelPost(memory: LevelMemory, tell: TellTransferring): LevelPost {
  return "byteLength" in memory ? new SharedPost(memory) : new PooledPost(memory, tell);
}

class SharedPost implements LevelPost {
  readonly #state: Int32Array;
  readonly #values: Float64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#state = new Int32Array(memory, 0, 1);
    this.#values = new Float64Array(memory, STATE_BYTES);
  }

  get place(): Float64Array | undefined {
    return Atomics.load(this.#state, 0) === FREE ? this.#values : undefined;
  }

  send(): void {
    Atomics.store(this.#state, 0, FULL);
  }

  takeBack(): void {}
}

/** All that a message takes, made when its buffer comes in. */
interface Parcel {
  readonly values: Float64Array;
  readonly message: LiveMessage;
  readonly transferred: ArrayBuffer[];
}

class PooledPost implements LevelPost {
  readonly #tell: TellTransferring;
  readonly #free: Parcel[] = [];

  constructor(buffers: readonly ArrayBuffer[], tell: TellTransferring) {
    this.#tell = tell;
    for (const buffer of buffers) this.takeBack(buffer);
  }

  get place(): Float64Array | undefined {
    return this.#free.length > 0 ? this.#free[this.#free.length - 1].values : undefined;
  }

  send(): void {
    const { message, transferred } = this.#free.pop()!;
    this.#tell(message, transferred);
  }

  takeBack(buffer: ArrayBuffer): void {
    this.#free.push({
      values: new Float64Array(buffer),
      message: { kind: "levels", buffer },
      transferred: [buffer],
    });
  }
}
