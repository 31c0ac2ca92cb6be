/**
 * One engine in the place of another while the song goes on, without a click.
 *
 *            ┌─▶ current ─▶ held back ─▶ × (1 − g) ─┐
 *   inputs ──┤                                      ├─▶ outputs
 *            └─▶ next ────▶ held back ─▶ × g ───────┘
 *
 * The next engine first runs unheard on the song's own sound, for the latency and half a second, until its history is that
 * of the song: a tail says how long a plugin rings, not how long a compressor remembers, so all are given the same time.
 * Then 20 ms of crossfade, g = 3t² − 2t³, and the one before is retired. The two are mostly alike, so that gains that add
 * up to 1 keep the level.
 *
 * Latency. An engine that is earlier than what is heard is held back: the song stays where it was, and the latency does
 * not shrink again. One that is later can only make everything later: across that fade the song steps back by the
 * difference, and `latencyFrames` grows. Whoever can spare the latency asks for it at the start, and hears no step.
 */
import { copyFrames } from "../running/copy-frames.ts";
import type { Engine } from "../running/engine.ts";
import { type Blocks, DelayedEngine } from "./delayed-engine.ts";

const FADE_SECONDS = 0.02;
const PRIMING_SECONDS = 0.5;

export interface SwapOptions {
  readonly sampleRateHz: number;
  /** The least latency: engines of up to this one are swapped in without moving the song. Default: the first one's. */
  readonly latencyFrames?: number;
  /** [audio] The fade to this engine is over: it alone is heard from here on. */
  readonly onSwapped?: (engine: Engine) => void;
  /** [audio] This engine is not run any more: after a fade away from it, or because another came before its turn. */
  readonly onRetired?: (engine: Engine) => void;
}

export class SwappableEngine {
  readonly maxFrames: number;
  /** By input node id, [channel]: write the block here before run(). */
  readonly inputs: ReadonlyMap<string, readonly Float32Array[]>;
  /** By output node id, [channel]: the block, after run(). */
  readonly outputs: ReadonlyMap<string, readonly Float32Array[]>;
  readonly #options: SwapOptions;
  readonly #fadeFrames: number;
  readonly #inputIds: readonly string[];
  readonly #outputIds: readonly string[];
  readonly #inputBlocks: Blocks;
  readonly #outputBlocks: Blocks;
  #current: DelayedEngine;
  #next: DelayedEngine | undefined;
  /** Its turn comes when the fade under way is over. */
  #waiting: DelayedEngine | undefined;
  #primingLeft = 0;
  #fadeDone = 0;
  #position = 0;

  /** [control] The engine goes on from its first frame. */
  constructor(engine: Engine, options: SwapOptions) {
    this.#options = options;
    this.#fadeFrames = Math.max(1, Math.round(FADE_SECONDS * options.sampleRateHz));
    this.maxFrames = engine.maxFrames;
    const buffers = (ports: Engine["inputs"]) =>
      new Map([...ports].map(([id, channels]) => [id, channels.map(() => new Float32Array(this.maxFrames))]));
    this.inputs = buffers(engine.inputs);
    this.outputs = buffers(engine.outputs);
    this.#inputIds = [...this.inputs.keys()];
    this.#outputIds = [...this.outputs.keys()];
    this.#inputBlocks = [...this.inputs.values()];
    this.#outputBlocks = [...this.outputs.values()];
    this.#current = this.#delayed(engine, Math.max(engine.latencyFrames, options.latencyFrames ?? 0));
  }

  /** How late what is heard is. While it grows, that of the engine that fades out. */
  get latencyFrames(): number {
    return this.#current.latencyFrames;
  }

  /** Every engine that runs or will: the one heard first. What is set live is set in each. */
  get engines(): readonly Engine[] {
    const all = [this.#current, this.#next, this.#waiting];
    return all.flatMap((delayed) => (delayed ? [delayed.engine] : []));
  }

  /** Frames that any plugin may still sound; 0 when all is silent. */
  get remainingFrames(): number {
    return Math.max(this.#current.engine.remainingFrames, this.#next?.engine.remainingFrames ?? 0);
  }

  /**
   * [control, between blocks] Puts an engine that has not run yet in the place of the one heard; also while a swap is
   * under way: one that is not heard yet is dropped for it, a fade is finished first. Throws a RangeError if its inputs,
   * outputs or longest block are others.
   */
  swapTo(engine: Engine): void {
    if (engine.maxFrames !== this.maxFrames) {
      throw new RangeError(`the new engine has blocks of ${engine.maxFrames} frames, not ${this.maxFrames}`);
    }
    requireSamePorts("inputs", engine.inputs, this.inputs);
    requireSamePorts("outputs", engine.outputs, this.outputs);
    const fading = this.#next && this.#primingLeft === 0 ? this.#next : undefined;
    const heard = (fading ?? this.#current).latencyFrames;
    const next = this.#delayed(engine, Math.max(heard, engine.latencyFrames));
    if (fading) {
      this.#retire(this.#waiting);
      this.#waiting = next;
    } else {
      this.#retire(this.#next);
      this.#begin(next);
    }
  }

  /** [audio] Renders the next block: reads the inputs, writes the outputs. */
  run(frames: number): void {
    const next = this.#next;
    this.#current.run(this.#inputBlocks, frames);
    this.#position += frames;
    if (!next) {
      for (let p = 0; p < this.#outputBlocks.length; p++) {
        const channels = this.#outputBlocks[p];
        for (let c = 0; c < channels.length; c++)
          copyFrames(channels[c], 0, this.#current.outputs[p][c], 0, frames);
      }
      return;
    }
    next.run(this.#inputBlocks, frames);
    const unheard = Math.min(frames, this.#primingLeft);
    for (let p = 0; p < this.#outputBlocks.length; p++) {
      for (let c = 0; c < this.#outputBlocks[p].length; c++) {
        const to = this.#outputBlocks[p][c];
        copyFrames(to, 0, this.#current.outputs[p][c], 0, unheard);
        this.#mix(to, this.#current.outputs[p][c], next.outputs[p][c], unheard, frames);
      }
    }
    this.#primingLeft -= unheard;
    this.#fadeDone += frames - unheard;
    if (this.#fadeDone >= this.#fadeFrames) this.#finish(next);
  }

  /** [audio] Jumps in the song; what is sounding goes on. */
  seek(frame: number): void {
    this.#position = frame;
    this.#current.engine.seek(frame);
    this.#next?.engine.seek(frame);
  }

  #delayed(engine: Engine, latencyFrames: number): DelayedEngine {
    return new DelayedEngine(engine, latencyFrames, this.#inputIds, this.#outputIds);
  }

  #begin(next: DelayedEngine): void {
    const { engine, latencyFrames } = next;
    engine.seek(this.#position);
    this.#next = next;
    this.#primingLeft = latencyFrames + Math.round(PRIMING_SECONDS * this.#options.sampleRateHz);
    this.#fadeDone = 0;
  }

  #mix(to: Float32Array, from: Float32Array, into: Float32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const t = (this.#fadeDone + i - start + 1) / (this.#fadeFrames + 1);
      if (t >= 1) to[i] = into[i];
      else to[i] = from[i] + (into[i] - from[i]) * t * t * (3 - 2 * t);
    }
  }

  #finish(next: DelayedEngine): void {
    const before = this.#current;
    this.#current = next;
    this.#next = undefined;
    this.#retire(before);
    this.#options.onSwapped?.(next.engine);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#begin(waiting);
  }

  #retire(delayed: DelayedEngine | undefined): void {
    if (delayed) this.#options.onRetired?.(delayed.engine);
  }
}

type Ports = ReadonlyMap<string, readonly Float32Array[]>;

function requireSamePorts(what: string, found: Ports, wanted: Ports): void {
  const text = (ports: Ports) => [...ports].map(([id, channels]) => `${id} (${channels.length})`).join(", ");
  const isSame =
    found.size === wanted.size &&
    [...wanted].every(([id, channels]) => found.get(id)?.length === channels.length);
  if (!isSame)
    throw new RangeError(`the ${what} of the new engine are ${text(found)}, those heard ${text(wanted)}`);
}
