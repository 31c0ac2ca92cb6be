/** Plugins that do the worst, each in its own way, from frame FAILS_AT on. For tests of hosts. */
import {
  type Block,
  MAX_STATE_BYTES,
  type Manifest,
  type Plugin,
  type Processor,
  type ProcessSetup,
  type SavedState,
} from "@gainstage/plugin-api";

/** Within a block of any size that is not a divisor of it. */
export const FAILS_AT = 5040;

/** What a host is to make of it. */
export interface Evil {
  readonly name: string;
  readonly plugin: Plugin;
  /** What its manifest has besides. */
  readonly manifest?: Partial<Manifest>;
  /** What it is given as its state. */
  readonly state?: SavedState;
  /**
   * The code of the fault while it runs; "refused" where it cannot even begin; "tolerated" where a host may not notice,
   * and nobody else may either.
   */
  readonly ends: "trap" | "non-finite" | "overload" | "hang" | "refused" | "tolerated";
}

/** Half its input; then, once, or again and again, `evil`. */
function failing(evil: (block: Block, done: number) => void, begins: Partial<Processor> = {}): Plugin {
  return {
    activate() {
      let done = 0;
      return {
        latencyFrames: 0,
        tailFrames: 0,
        reset() {},
        process(block) {
          for (const [c, channel] of block.outputs[0].entries())
            for (let i = 0; i < block.frames; i++) channel[i] = block.inputs[0][c][i] / 2;
          done += block.frames;
          if (done > FAILS_AT) evil(block, done);
          return 0;
        },
        ...begins,
      };
    },
  };
}

const activating = (activate: (setup: ProcessSetup) => unknown): Plugin => ({
  activate(setup, host) {
    activate(setup);
    return failing(() => {}).activate(setup, host);
  },
});

const STATEFUL = { extensions: ["state/1"], stateVersion: 1 } as const;
const hoard: Float64Array[] = [];
const seen: Float32Array[] = [];

function wait(ms: number): void {
  const until = Date.now() + ms;
  while (Date.now() < until);
}

export const EVIL_PLUGINS: readonly Evil[] = [
  {
    name: "throws",
    ends: "trap",
    plugin: failing(() => {
      throw new Error("out of luck");
    }),
  },
  {
    name: "throws-nothing",
    ends: "trap",
    plugin: failing(() => {
      throw undefined;
    }),
  },
  { name: "nan", ends: "non-finite", plugin: failing(({ outputs }) => outputs[0][0].fill(Number.NaN)) },
  {
    name: "infinity",
    ends: "non-finite",
    plugin: failing(({ outputs, frames }) => {
      outputs[0][1][frames - 1] = Number.NEGATIVE_INFINITY;
    }),
  },
  { name: "loud", ends: "overload", plugin: failing(({ outputs }) => outputs[0][0].fill(1e10)) },
  {
    name: "hangs",
    ends: "hang",
    plugin: failing(() => {
      for (;;) seen.length = 0;
    }),
  },
  {
    name: "memory-bomb",
    ends: "trap",
    plugin: failing(() => void hoard.push(new Float64Array(2 ** 40))),
  },
  {
    name: "throws-at-its-state",
    ends: "refused",
    manifest: STATEFUL,
    state: { version: 1, bytes: Uint8Array.of(1, 2, 3) },
    plugin: activating(({ state }) => {
      if (state) throw new Error("not mine");
    }),
  },
  {
    name: "huge-state",
    ends: "tolerated",
    manifest: STATEFUL,
    // Given as much as there may be; asked for its own, it hands over a gigabyte.
    state: { version: 1, bytes: new Uint8Array(MAX_STATE_BYTES).fill(1) },
    plugin: failing(() => {}, {
      extension: ((id: string) =>
        id === "state/1"
          ? { save: () => new Uint8Array(2 ** 30) }
          : undefined) as Processor["extension"] & {},
    }),
  },
  {
    name: "floods-the-log",
    ends: "tolerated",
    manifest: { uses: ["log/1"] },
    plugin: {
      activate(setup, host) {
        const log = host.extension("log/1");
        const flood = () => {
          for (let i = 0; i < 1000; i++) log?.log("error", "again and again ".repeat(100));
        };
        flood();
        return failing(flood).activate(setup, host);
      },
    },
  },
  {
    name: "no-activate",
    ends: "refused",
    plugin: { process: () => 0 } as unknown as Plugin,
  },
  {
    name: "activate-throws",
    ends: "refused",
    plugin: activating(() => {
      throw new Error("not today");
    }),
  },
  { name: "no-processor", ends: "refused", plugin: { activate: () => undefined as unknown as Processor } },
  { name: "latency-nan", ends: "refused", plugin: failing(() => {}, { latencyFrames: Number.NaN }) },
  { name: "latency-endless", ends: "refused", plugin: failing(() => {}, { latencyFrames: 1e12 }) },
  { name: "lies-about-latency", ends: "tolerated", plugin: failing(() => {}, { latencyFrames: 100 }) },
  {
    name: "lies-about-tail",
    ends: "tolerated",
    plugin: failing(() => {}, { tailFrames: Number.POSITIVE_INFINITY }),
  },
  {
    name: "lies-about-silence",
    ends: "tolerated",
    plugin: failing(({ silentOutputs }) => silentOutputs.fill(0xffffffff)),
  },
  { name: "slow-to-activate", ends: "tolerated", plugin: activating(() => wait(300)) },
  {
    name: "grows",
    ends: "tolerated",
    plugin: failing(() => {
      if (hoard.length < 50) hoard.push(new Float64Array(10_000).fill(1));
    }),
  },
  {
    name: "writes-inputs",
    ends: "tolerated",
    plugin: failing(({ inputs }) => {
      for (const channel of inputs.flat()) (channel as Float32Array).fill(0.25);
    }),
  },
  {
    name: "writes-kept-arrays",
    ends: "tolerated",
    plugin: failing(({ inputs, outputs }) => {
      for (const channel of seen) channel.fill(0.25);
      seen.push(...[...inputs, ...outputs].flat().slice(0, 4));
    }),
  },
  {
    name: "dispose-throws",
    ends: "tolerated",
    plugin: failing(() => {}, {
      dispose() {
        throw new Error("not even at the end");
      },
    }),
  },
];
