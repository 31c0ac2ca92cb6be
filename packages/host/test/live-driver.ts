/** A LiveEngine run block by block on this thread, with orders between blocks, and all that it put out. */

import { readFileSync } from "node:fs";
import type { GraphDescription } from "@gainstage/graph";
import { engineUrl } from "@gainstage/graph";
import type { Host } from "../src/index.ts";
import { LiveEngine } from "../src/playing/live-engine.ts";
import { programOf } from "../src/playing/live-job.ts";
import { type LevelRow, lengthOf } from "../src/playing/live-levels.ts";
import type { LiveJob, LiveMessage, TransportOrder } from "../src/playing/live-messages.ts";
import { levelMemory } from "../src/playing/live-post.ts";
import { watchMemory } from "../src/running/call-watch.ts";
import { resolvePlugins } from "../src/running/resolve-plugins.ts";
import { RATE_HZ } from "./chains.ts";

export const QUANTUM = 128;
/** 5 ms, as the issue asks for. */
export const FADE = 240;

const engine = new WebAssembly.Module(readFileSync(engineUrl));

export type Sources = ReadonlyMap<string, readonly Float32Array[]>;

export function jobFor(
  host: Host,
  graph: GraphDescription,
  sources: Sources,
  changes: Partial<LiveJob> = {},
): LiveJob {
  const row: LevelRow = changes.row ?? { channels: 2, watched: [] };
  return {
    engine,
    program: programOf(resolvePlugins(graph, host.catalog, host.loading, "refuse")),
    output: "out",
    sampleRateHz: RATE_HZ,
    frames: Math.max(...[...sources.values()].flat().map((channel) => channel.length)),
    tailFrames: 0,
    fromFrame: 0,
    loop: undefined,
    sourceFrames: Number.POSITIVE_INFINITY,
    sources,
    latencyFrames: 0,
    watched: watchMemory(),
    row,
    levels: levelMemory(lengthOf(row)),
    capture: [],
    ...changes,
  };
}

export class LiveDriver {
  readonly told: LiveMessage[];
  readonly #engine: LiveEngine;
  readonly #heard: Float32Array[][] = [];
  #currentFrame = 0;

  static async open(job: LiveJob): Promise<LiveDriver> {
    const told: LiveMessage[] = [];
    return new LiveDriver(await LiveEngine.create(job, QUANTUM, (message) => told.push(message)), told);
  }

  private constructor(engine: LiveEngine, told: LiveMessage[]) {
    this.#engine = engine;
    this.told = told;
  }

  get latencyFrames(): number {
    for (const message of this.told) if (message.kind === "playing") return message.latencyFrames;
    throw new Error("it does not play");
  }

  /** Renders so many blocks; the context lost `lost` frames before the first of them. */
  run(quanta: number, lost = 0): this {
    this.#currentFrame += lost;
    for (let k = 0; k < quanta; k++) {
      const block = [new Float32Array(QUANTUM), new Float32Array(QUANTUM)];
      this.#engine.render(block, this.#currentFrame);
      this.#currentFrame += QUANTUM;
      this.#heard.push(block);
    }
    return this;
  }

  order(order: TransportOrder): this {
    this.#engine.obey(order);
    return this;
  }

  /** All that was heard, [channel]. */
  get heard(): readonly Float32Array[] {
    return [0, 1].map((c) => {
      const all = new Float32Array(this.#heard.length * QUANTUM);
      for (const [k, block] of this.#heard.entries()) all.set(block[c], k * QUANTUM);
      return all;
    });
  }
}

/** The gain of a fade at its i-th frame from 1 on: 3t² − 2t³. */
export function fadeGain(i: number): number {
  const t = i / FADE;
  return t * t * (3 - 2 * t);
}

/** One after the other. */
export function joined(...parts: readonly (readonly Float32Array[])[]): readonly Float32Array[] {
  return [0, 1].map((c) => Float32Array.from(parts.flatMap((part) => [...part[c]])));
}

/** `length` frames of what a render gave, from `from` on; where they are a fade, with its gain. */
export function cut(
  channels: readonly Float32Array[],
  from: number,
  length: number,
  fade?: "in" | "out",
): readonly Float32Array[] {
  return channels.map((channel) =>
    channel.slice(from, from + length).map((x, i) => {
      if (fade === undefined) return x;
      return x * fadeGain(fade === "in" ? i + 1 : FADE - 1 - i);
    }),
  );
}

export const silence = (frames: number) => [new Float32Array(frames), new Float32Array(frames)];

/** Throws an Error that names the first frame that differs; what was found may go on. */
export function expectSame(found: readonly Float32Array[], wanted: readonly Float32Array[]): void {
  for (const [c, channel] of wanted.entries()) {
    for (let n = 0; n < channel.length; n++) {
      if (found[c][n] !== channel[n])
        throw new Error(`channel ${c}, frame ${n} is ${found[c][n]}, wanted ${channel[n]}`);
    }
  }
}
