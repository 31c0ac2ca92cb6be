/** Both sides of a song that plays on this thread, block by block, with orders between blocks, and all that was heard. */

import { readFileSync } from "node:fs";
import type { GraphDescription } from "@gainstage/graph";
import { engineUrl } from "@gainstage/graph";
import type { Host } from "../src/index.ts";
import { type EditOutcome, LiveEdits } from "../src/playing/live-edits.ts";
import { type LevelRow, lengthOf } from "../src/playing/live-levels.ts";
import type { LiveJob, LiveMessage, TransportOrder } from "../src/playing/live-messages.ts";
import { levelMemory } from "../src/playing/live-post.ts";
import { LiveStage } from "../src/playing/live-stage.ts";
import { watchMemory } from "../src/running/call-watch.ts";
import { type ResolvedPlugins, resolvePlugins } from "../src/running/resolve-plugins.ts";
import { RATE_HZ } from "./chains.ts";

export const QUANTUM = 128;
/** 5 ms, as the issue asks for. */
export const FADE = 240;

const engine = new WebAssembly.Module(readFileSync(engineUrl));

export type Sources = ReadonlyMap<string, readonly Float32Array[]>;

export const pluginsOf = (host: Host, graph: GraphDescription): ResolvedPlugins =>
  resolvePlugins(graph, host.catalog, host.loading, "refuse");

/** What is played: the job, and the graph with its plugins. */
export interface LiveSong {
  readonly job: LiveJob;
  readonly plugins: ResolvedPlugins;
  readonly latencyFrames: number;
}

export function songOf(
  host: Host,
  graph: GraphDescription,
  sources: Sources,
  { latencyFrames = 0, ...changes }: Partial<LiveJob> & { readonly latencyFrames?: number } = {},
): LiveSong {
  const row: LevelRow = changes.row ?? { channels: 2, watched: [] };
  const job = {
    engine,
    output: "out",
    sampleRateHz: RATE_HZ,
    frames: Math.max(...[...sources.values()].flat().map((channel) => channel.length)),
    tailFrames: 0,
    fromFrame: 0,
    loop: undefined,
    sourceFrames: Number.POSITIVE_INFINITY,
    sources,
    watched: watchMemory(),
    row,
    levels: levelMemory(lengthOf(row)),
    capture: [],
    ...changes,
  };
  return { job, plugins: pluginsOf(host, graph), latencyFrames };
}

export class LiveDriver {
  /** All but levels. */
  readonly told: LiveMessage[] = [];
  readonly stage: LiveStage;
  readonly edits: LiveEdits;
  readonly #heard: Float32Array[][] = [];
  #currentFrame = 0;

  static async open(song: LiveSong, tell: (message: LiveMessage) => void = () => {}): Promise<LiveDriver> {
    const live = new LiveDriver(song, tell);
    await live.edits.edit(song.plugins);
    return live;
  }

  private constructor({ job, latencyFrames }: LiveSong, tell: (message: LiveMessage) => void) {
    this.stage = new LiveStage(QUANTUM, (message) => {
      tell(message);
      if (message.kind === "levels") return;
      this.told.push(message);
      if (message.kind === "done" || message.kind === "refused") this.edits.told(message);
    });
    const { sampleRateHz, output } = job;
    this.edits = new LiveEdits({ sampleRateHz, output, latencyFrames }, (order) =>
      this.stage.carryOut(order),
    );
    this.stage.carryOut({ kind: "open", job });
  }

  /** How many were rendered. */
  get blocks(): number {
    return this.#heard.length;
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
      this.stage.render(block, this.#currentFrame);
      this.#currentFrame += QUANTUM;
      this.#heard.push(block);
    }
    return this;
  }

  order(order: TransportOrder): this {
    this.stage.carryOut(order);
    return this;
  }

  /** Runs until an edit has settled, with a turn for messages between blocks. */
  async runUntil(edit: Promise<EditOutcome>): Promise<Extract<EditOutcome, { readonly kind: "settled" }>> {
    let outcome: EditOutcome | undefined;
    let failure: unknown;
    edit.then(
      (value) => {
        outcome = value;
      },
      (error: unknown) => {
        failure = error;
      },
    );
    for (let k = 0; k < 10_000 && !outcome && !failure; k++) {
      this.run(1);
      for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    }
    if (failure) throw failure;
    if (outcome?.kind !== "settled") throw new Error(`the edit is ${outcome?.kind ?? "still under way"}`);
    return outcome;
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
