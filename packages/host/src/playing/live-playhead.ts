/**
 * Where the song stands: at the graph's inputs and, later by the latency, at its outputs. [audio]
 *
 *   clock   0 ────────────────────────────────▶   frames run, never back
 *   song    a … end │ start … end │ start … end   at each │ a jump, heard when the latency has passed
 */
import type { LoopRange } from "./live-messages.ts";

/**
 * Jumps that are remembered until they are heard. A loop is 10 ms long at least: only what is heard through more than
 * 640 ms of latency may be told late, and never sounds other than it should.
 */
const REMEMBERED = 64;

export class Playhead {
  #clock = 0;
  /** Of each jump: the clock at it, and the song's frame from there on. A ring. */
  readonly #at = new Float64Array(REMEMBERED);
  readonly #to = new Float64Array(REMEMBERED);
  #jumps = 0;
  /** Infinity where nothing is looped. */
  #loopStart = 0;
  #loopEnd = Number.POSITIVE_INFINITY;

  constructor(frame: number) {
    this.restart(frame);
  }

  /** The song's frame that is fed next. */
  get fed(): number {
    const last = (this.#jumps - 1) % REMEMBERED;
    return this.#to[last] + this.#clock - this.#at[last];
  }

  /** The song's frame that is heard next; before the first one, frames below it. */
  heard(latencyFrames: number): number {
    const clock = this.#clock - latencyFrames;
    const last = this.#lastJump(clock) % REMEMBERED;
    return this.#to[last] + clock - this.#at[last];
  }

  /** Frames until what is heard jumps; Infinity if it does not. */
  untilHeardJump(latencyFrames: number): number {
    const clock = this.#clock - latencyFrames;
    const next = this.#lastJump(clock) + 1;
    return next < this.#jumps ? this.#at[next % REMEMBERED] - clock : Number.POSITIVE_INFINITY;
  }

  /** Frames until what is fed goes back to the loop's start; Infinity without one, and beyond its end. */
  get untilWrap(): number {
    const left = this.#loopEnd - this.fed;
    return left > 0 ? left : Number.POSITIVE_INFINITY;
  }

  /** Goes on by at most `untilWrap` frames. True if that is the loop's end: what is fed next is its start. */
  advance(frames: number): boolean {
    this.#clock += frames;
    if (this.fed !== this.#loopEnd) return false;
    this.#jump(this.#loopStart);
    return true;
  }

  /** Goes on from another frame, and forgets what was before: nothing of that is heard any more. */
  restart(frame: number): void {
    this.#jumps = 0;
    this.#jump(frame);
  }

  loop(range: LoopRange | undefined): void {
    this.#loopStart = range?.startFrame ?? 0;
    this.#loopEnd = range?.endFrame ?? Number.POSITIVE_INFINITY;
  }

  #jump(frame: number): void {
    this.#at[this.#jumps % REMEMBERED] = this.#clock;
    this.#to[this.#jumps % REMEMBERED] = frame;
    this.#jumps++;
  }

  /** The last jump at or before a clock; the oldest known before that. */
  #lastJump(clock: number): number {
    const oldest = Math.max(0, this.#jumps - REMEMBERED);
    let jump = this.#jumps - 1;
    while (jump > oldest && this.#at[jump % REMEMBERED] > clock) jump--;
    return jump;
  }
}
