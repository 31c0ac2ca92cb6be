/** Mixes made up from a seed, and changes to them: strips with inserts, sends to buses, automation. The same on every machine. */
import type { AutomationLane, GraphDescription, GraphEdge, GraphNode, PluginNode } from "@gainstage/graph";

export const SOURCES: readonly string[] = ["drums", "bass", "keys", "voice"];
export const EFFECTS = [
  "equalizer",
  "compressor",
  "reverb",
  "limiter",
  "stereo-imager",
  "chorus",
  "delay",
] as const;

/** What parameters are drawn from; others stay as they are. Nothing in it makes a quiet song loud. */
const DRAWN: Record<(typeof EFFECTS)[number], Readonly<Record<string, readonly [number, number]>>> = {
  equalizer: { "band1.gainDb": [-9, 3], "band2.gainDb": [-9, 3], "band3.frequencyHz": [200, 4000] },
  compressor: { thresholdDb: [-40, -10], ratio: [1, 8], attackMs: [1, 50], lookaheadMs: [0, 5] },
  reverb: { mixPercent: [0, 40], decayS: [0.3, 3] },
  limiter: { ceilingDbtp: [-6, -1], releaseMs: [20, 300] },
  "stereo-imager": { width1Percent: [0, 150] },
  chorus: { mixPercent: [0, 50], rateHz: [0.1, 3] },
  delay: { mixPercent: [0, 40], feedbackPercent: [0, 50] },
};

/** Numerical Recipes' 32-bit generator, by its upper bits. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return (this.#state >>> 8) / 2 ** 24;
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  between([least, most]: readonly [number, number]): number {
    return least + this.next() * (most - least);
  }
}

interface Insert {
  readonly id: string;
  readonly effect: (typeof EFFECTS)[number];
  readonly params: Readonly<Record<string, number>>;
  readonly bypassed: boolean;
}

interface Strip {
  readonly source: string;
  readonly inserts: readonly Insert[];
  readonly gainDb: number;
  readonly pan: number;
  /** How much goes to the bus, if anything does. */
  readonly sendDb: number | undefined;
  readonly isAutomated: boolean;
}

/** A mix, from which the graph is made. */
export interface Mix {
  readonly strips: readonly Strip[];
  readonly bus: readonly Insert[];
  readonly master: readonly Insert[];
}

export class RandomMix {
  readonly #dice: Dice;
  #inserts = 0;
  mix: Mix;

  constructor(seed: number) {
    this.#dice = new Dice(seed);
    this.mix = {
      strips: SOURCES.map((source) => ({
        source,
        inserts: [this.#insert()],
        gainDb: -12,
        pan: 0,
        sendDb: -12,
        isAutomated: false,
      })),
      bus: [this.#insert("reverb")],
      master: [this.#insert("limiter")],
    };
  }

  /** One thing is another afterwards. */
  change(): void {
    const dice = this.#dice;
    const { strips, bus, master } = this.mix;
    const k = dice.below(strips.length);
    const strip = strips[k];
    const withStrip = (now: Partial<Strip>) => {
      this.mix = { ...this.mix, strips: strips.with(k, { ...strip, ...now }) };
    };
    switch (dice.below(9)) {
      case 0:
      case 1:
        withStrip({ inserts: this.#changed(strip.inserts, 4) });
        break;
      case 2:
        withStrip({ gainDb: dice.between([-24, -6]) });
        break;
      case 3:
        withStrip({ pan: dice.between([-1, 1]) });
        break;
      case 4:
        withStrip({ sendDb: dice.below(3) === 0 ? undefined : dice.between([-24, -6]) });
        break;
      case 5:
        withStrip({ isAutomated: !strip.isAutomated });
        break;
      case 6: {
        const missing = SOURCES.filter((source) => !strips.some((one) => one.source === source));
        if (missing.length > 0 && dice.below(2) === 0) {
          const added = { ...strip, source: dice.of(missing), inserts: [this.#insert()] };
          this.mix = { ...this.mix, strips: [...strips, added] };
        } else if (strips.length > 2) this.mix = { ...this.mix, strips: strips.toSpliced(k, 1) };
        break;
      }
      case 7:
        this.mix = { ...this.mix, bus: this.#changed(bus, 2) };
        break;
      default:
        this.mix = { ...this.mix, master: this.#changed(master, 2) };
    }
  }

  /** A fader, and where to. */
  fader(): { readonly node: string; readonly param: string; readonly value: number } {
    const { source, isAutomated } = this.#dice.of(this.mix.strips);
    const value = this.#dice.between(isAutomated ? [-1, 1] : [-24, -6]);
    return isAutomated
      ? { node: `${source} pan`, param: "pan", value }
      : { node: `${source} fader`, param: "gainDb", value };
  }

  /** What was set is what the mix says too. */
  heed(node: string, value: number): void {
    const strips = this.mix.strips.map((strip) => {
      if (node === `${strip.source} pan`) return { ...strip, pan: value };
      return node === `${strip.source} fader` ? { ...strip, gainDb: value } : strip;
    });
    this.mix = { ...this.mix, strips };
  }

  /** One more, one less, one changed, bypassed, or two in the other order. */
  #changed(inserts: readonly Insert[], most: number): readonly Insert[] {
    const dice = this.#dice;
    if (inserts.length === 0) return [this.#insert()];
    const k = dice.below(inserts.length);
    switch (dice.below(5)) {
      case 0:
        return inserts.length < most ? inserts.toSpliced(k, 0, this.#insert()) : inserts.toSpliced(k, 1);
      case 1:
        return inserts.toSpliced(k, 1);
      case 2:
        return inserts.with(k, { ...inserts[k], bypassed: !inserts[k].bypassed });
      case 3:
        return inserts.toReversed();
      default:
        return inserts.with(k, { ...inserts[k], params: this.#params(inserts[k].effect) });
    }
  }

  #insert(effect: Insert["effect"] = this.#dice.of(EFFECTS)): Insert {
    return { id: `${effect} ${++this.#inserts}`, effect, params: this.#params(effect), bypassed: false };
  }

  #params(effect: Insert["effect"]): Readonly<Record<string, number>> {
    const drawn = Object.entries(DRAWN[effect]);
    return Object.fromEntries(drawn.map(([param, range]) => [param, this.#dice.between(range)]));
  }
}

/**
 * source ─▶ inserts ─▶ fader ─▶ pan ─┬────────────────────▶ sum ─▶ master ─▶ out
 *                                    └─ send ─▶ bus inserts ─▶ ┘
 */
export function graphOf({ strips, bus, master }: Mix, songFrames: number): GraphDescription {
  const nodes: GraphNode[] = [
    { kind: "gain", id: "sum", channels: 2, gainDb: 0 },
    { kind: "gain", id: "bus", channels: 2, gainDb: 0 },
    { kind: "output", id: "out", channels: 2 },
  ];
  const edges: GraphEdge[] = [];
  const lanes: AutomationLane[] = [];
  const join = (...ids: readonly string[]) => {
    for (const [k, to] of ids.slice(1).entries())
      edges.push({ from: { node: ids[k], port: "out" }, to: { node: to, port: "in" } });
  };
  const put = (inserts: readonly Insert[]) => {
    nodes.push(...inserts.map(nodeOf));
    return inserts.map(({ id }) => id);
  };
  for (const { source, inserts, gainDb, pan, sendDb, isAutomated } of strips) {
    const [fader, panner, send] = ["fader", "pan", "send"].map((what) => `${source} ${what}`);
    nodes.push(
      { kind: "input", id: source, channels: 2 },
      { kind: "gain", id: fader, channels: 2, gainDb },
      { kind: "pan", id: panner, channels: 2, pan, law: "balance" },
    );
    join(source, ...put(inserts), fader, panner, "sum");
    if (sendDb !== undefined) {
      nodes.push({ kind: "gain", id: send, channels: 2, gainDb: sendDb });
      join(panner, send, "bus");
    }
    if (isAutomated) lanes.push(crescendo(fader, songFrames));
  }
  join("bus", ...put(bus), "sum");
  join("sum", ...put(master), "out");
  return { nodes, edges, lanes };
}

function nodeOf({ id, effect, params, bypassed }: Insert): PluginNode {
  return { kind: "plugin", id, plugin: `dev.gainstage.${effect}`, channels: 2, params, bypassed };
}

function crescendo(node: string, songFrames: number): AutomationLane {
  const at = (share: number) => Math.round(share * songFrames);
  return {
    node,
    param: "gainDb",
    points: [
      { frame: 0, value: -24, curve: "linear" },
      { frame: at(0.02), value: -9, curve: "s-curve" },
      { frame: at(0.5), value: -18, curve: "exponential" },
      { frame: at(0.9), value: -6, curve: "hold" },
    ],
  };
}
