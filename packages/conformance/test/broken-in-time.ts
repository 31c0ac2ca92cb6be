/** Plugins to which the cut of the stream, the past or the clock shows. */
import { afterwards, type Broken, blur, everySample, withState } from "./broken.ts";
import { spoilt } from "./sound-plugin.ts";

const shared = new Float64Array(4);

export const BROKEN_IN_TIME: readonly Broken[] = [
  {
    what: "smooths once a call",
    check: "cutting/partition",
    plugin: withState((block, state) => {
      state[0] += 0.1 * (1 - state[0]);
      everySample(block, (x) => x * state[0]);
    }),
    says: /blocks of 1 against blocks of 1024.*channel 0 differs at frame/,
  },
  {
    what: "forgets its state between calls",
    check: "cutting/partition",
    plugin: withState((block, state) => {
      state.fill(0);
      blur(block, state);
    }),
    says: /channel 0 differs at frame 65: /,
  },
  {
    what: "forgets only its left half in reset()",
    check: "cutting/reset",
    plugin: withState(
      ({ outputs, frames }, state) => {
        for (const [c, channel] of outputs[0].entries()) {
          for (let i = 0; i < frames; i++) channel[i] *= 1 + 0.1 * Math.sin(0.01 * state[c]++);
        }
      },
      (state) => state.fill(0, 0, 1),
    ),
    also: ["robustness/recovery"],
    says: /after reset: channel 1 differs/,
  },
  {
    what: "shares state between its processors",
    check: "cutting/independence",
    plugin: withState(
      blur,
      (state) => state.fill(0),
      () => shared.fill(0),
    ),
    says: /beside another processor: channel 0 differs at frame 128/,
  },
  {
    what: "declares 64 frames of latency and has 63",
    check: "timing/latency",
    plugin: spoilt((processor) => ({ ...processor, latencyFrames: processor.latencyFrames + 1 })),
    says: /declares a latency of 65 frames, measured 64/,
  },
  {
    what: "declares a latency that its restart parameter changes",
    check: "timing/latency",
    plugin: spoilt((processor) => ({ ...processor, latencyFrames: 64 })),
    says: /declares a latency of 64 frames, measured 512 with \{"lookaheadFrames":512\}/,
  },
  {
    what: "declares a latency beyond what it has by far",
    check: "timing/latency",
    plugin: spoilt((processor) => ({ ...processor, latencyFrames: 20_000 })),
    says: /declares a latency of 20000 frames, measured 64/,
  },
  {
    what: "rings for longer than it declares",
    check: "timing/tail",
    plugin: spoilt((processor) => ({ ...processor, tailFrames: 10 })),
    says: /declares a tail of 10 frames, after which/,
  },
  {
    what: "has more left to sound after every other block of silence",
    check: "timing/remaining",
    plugin: (() => {
      let calls = 0;
      return afterwards((_block, remaining) => remaining + (calls++ % 2));
    })(),
    says: /\d+ frames were left, then \d+/,
  },
  {
    what: "always has one frame left to sound",
    check: "timing/remaining",
    plugin: afterwards((_block, remaining) => Math.max(1, remaining)),
    says: /still says 1 frames after two minutes of silence/,
  },
  {
    what: "says that it is at rest while it rings",
    check: "timing/remaining",
    plugin: afterwards(() => 0),
    says: /said 0 frames were left, and put out/,
  },
  {
    what: "says that ten frames are left while it rings for more",
    check: "timing/remaining",
    plugin: afterwards((_block, remaining) => Math.min(10, remaining)),
    says: /said 10 frames were left, and put out/,
  },
  {
    what: "says nothing",
    check: "timing/remaining",
    plugin: afterwards(() => Number.NaN),
    says: /says that NaN frames are left/,
  },
  {
    what: "says that less than nothing is left",
    check: "timing/remaining",
    plugin: afterwards(() => -1),
    says: /says that -1 frames are left/,
  },
  {
    what: "has an offset of -140 dB",
    check: "timing/silence",
    plugin: afterwards((block) => everySample(block, (x) => x + 1e-7)),
    also: ["timing/remaining"],
    says: /puts out 1\.0?.*e-7 for silence/,
  },
];
