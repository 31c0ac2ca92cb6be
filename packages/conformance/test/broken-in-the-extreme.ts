/** Plugins that extremes, rates, meters and the memory break. */
import { afterwards, type Broken, blur, everySample, withState } from "./broken.ts";
import { GAIN, spoilt } from "./sound-plugin.ts";

/** So that V8 cannot do without what is allocated. */
export let kept: Float32Array | undefined;
function keep(array: Float32Array): void {
  kept = array;
}

export const BROKEN_IN_THE_EXTREME: readonly Broken[] = [
  {
    what: "writes its input",
    check: "robustness/inputs",
    plugin: afterwards(({ inputs }) => void (inputs[0] as Float32Array[])[0].fill(0, 0, 1)),
    says: /an input after process\(\): channel 0 differs at frame 0/,
  },
  {
    what: "leaves the last frame of a block unwritten",
    check: "robustness/inputs",
    plugin: spoilt((processor) => ({
      ...processor,
      process(block) {
        const last = block.outputs[0][0][block.frames - 1];
        const remaining = processor.process(block);
        block.outputs[0][0][block.frames - 1] = last;
        return remaining;
      },
    })),
    also: [
      "cutting/partition",
      "robustness/extremes",
      "robustness/jumps",
      "robustness/rates",
      "timing/latency",
      "timing/remaining",
      "timing/silence",
      "timing/tail",
    ],
    says: /the output of 1 frames: channel 0 is NaN at frame 0/,
  },
  {
    what: "gives NaN at the maximum of a parameter",
    check: "robustness/extremes",
    plugin: afterwards((block) => everySample(block, (x) => (block.params[GAIN] === 24 ? Number.NaN : x))),
    also: ["robustness/jumps"],
    says: /with \{"gainDb":24,.*channel 0 is NaN at frame 0/,
  },
  {
    what: "is far too loud at the minimum of a parameter",
    check: "robustness/extremes",
    plugin: afterwards((block) => everySample(block, (x) => (block.params[GAIN] === -24 ? x * 1e7 : x))),
    also: ["robustness/jumps"],
    says: /with .*"gainDb":-24.*: reaches \d+/,
  },
  {
    what: "explodes when a parameter jumps",
    check: "robustness/jumps",
    plugin: withState((block, state) => {
      const jump = Math.abs(block.params[GAIN] - state[0]);
      state[0] = block.params[GAIN];
      if (jump > 47) everySample(block, (x) => x * 1e9);
    }),
    says: /jump \d+: reaches/,
  },
  {
    what: "gives infinity when a parameter jumps",
    check: "robustness/jumps",
    plugin: withState((block, state) => {
      const jump = Math.abs(block.params[GAIN] - state[0]);
      state[0] = block.params[GAIN];
      if (jump > 47) everySample(block, () => Number.POSITIVE_INFINITY);
    }),
    says: /jump \d+: channel 0 is Infinity at frame 0/,
  },
  {
    what: "refuses 8 kHz",
    check: "robustness/rates",
    plugin: spoilt((processor, { sampleRateHz }) => {
      if (sampleRateHz < 10_000) throw new Error("8 kHz is too slow for me");
      return processor;
    }),
    says: /does not activate with \{"sampleRateHz":8000.*8 kHz is too slow for me/,
  },
  {
    what: "throws in process() when it is mono",
    check: "robustness/rates",
    plugin: afterwards(({ outputs }) => outputs[0][1][0] * 0 || undefined),
    says: /process\(\) failed with a block of 128 frames: Cannot read properties of undefined/,
  },
  {
    what: "divides by the peak of a sidechain that nobody feeds",
    check: "robustness/rates",
    plugin: afterwards((block) => {
      const [key] = block.inputs[1];
      return everySample(block, (x, i) => (x * key[i]) / key[i]);
    }),
    also: ["robustness/jumps", "timing/latency", "timing/remaining", "timing/silence", "timing/tail"],
    says: /at 8000 Hz, stereo: channel 0 is NaN at frame 0/,
  },
  {
    what: "keeps a NaN through reset()",
    check: "robustness/recovery",
    plugin: withState(blur, (state) => {
      for (let i = 0; i < 2; i++) if (Number.isFinite(state[i])) state[i] = 0;
    }),
    says: /after NaN and reset: channel 0 differs at frame 0: NaN instead of 0/,
  },
  {
    what: "has a meter beyond its range",
    check: "robustness/meters",
    plugin: afterwards((block) => {
      block.meters[0] = -1;
      return undefined;
    }),
    says: /meter level reads -1, declared 0 to 1000/,
  },
  {
    what: "has a meter beyond its range in its first block alone",
    check: "robustness/meters",
    plugin: withState((block, state) => {
      if (state[0]++ === 0) block.meters[0] = 2000;
    }),
    says: /meter level reads 2000/,
  },
  {
    what: "writes its meter at every second call",
    check: "robustness/meters",
    plugin: withState((block, state) => {
      if (state[0]++ % 2 === 1) block.meters[0] = Number.NaN;
    }),
    says: /meter level reads NaN/,
  },
  {
    what: "allocates an array a block",
    check: "robustness/allocation",
    plugin: afterwards(({ inputs, frames }) => void keep(inputs[0][0].slice(0, frames))),
    says: /allocates \d+ bytes a block/,
  },
  {
    what: "takes a subarray a block, while there is a signal",
    check: "robustness/allocation",
    plugin: afterwards(({ inputs, frames }) => {
      if (inputs[0][0][0] !== 0) keep(inputs[0][0].subarray(0, frames));
      return undefined;
    }),
    says: /allocates \d+ bytes a block/,
  },
];
