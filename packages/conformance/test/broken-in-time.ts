/** Plugins to which the cut of the stream, the setup, the past or the clock shows. */
import { afterwards, type Broken, blur, everySample, withState } from "./broken.ts";
import { activateSound, memoryPlugin, spoilt } from "./sound-plugin.ts";

const module = { activations: 0 };

export const BROKEN_IN_BITS: readonly Broken[] = [
  {
    what: "smooths once a call",
    breaks: "D01",
    plugin: withState((block, state) => {
      state[0] += 0.1 * (1 - state[0]);
      everySample(block, (x) => x * state[0]);
    }),
    says: /against blocks of 1024: channel 0 differs at frame/,
  },
  {
    what: "forgets its state between calls",
    breaks: "D01",
    plugin: withState((block, state) => {
      state.fill(0);
      blur(block, state);
    }),
    says: /against blocks of 1024: channel 0 differs at frame/,
  },
  {
    what: "is another one each time it is activated",
    breaks: "D02",
    plugin: spoilt((processor) => {
      const gain = 1 + module.activations++ / 1000;
      return {
        ...processor,
        process: (block) => scaled(processor.process(block), block, gain),
      };
    }),
    also: ["D01", "D03", "D04", "D05"],
    says: /sounds different in a fresh instance/,
  },
  {
    what: "sounds otherwise with large buffers",
    breaks: "D03",
    plugin: afterwards((block, _, { maxFrames }) =>
      everySample(block, (x) => (maxFrames > 1024 ? x * 1.01 : x)),
    ),
    says: /with maxFrames \d+, against 128: channel 0 differs/,
  },
  {
    what: "sounds better offline",
    breaks: "D04",
    plugin: afterwards((block, _, { mode }) =>
      everySample(block, (x) => (mode === "offline" ? x * 1.01 : x)),
    ),
    says: /in realtime: channel 0 differs/,
  },
  {
    what: "counts its activations where a seed asks for chance",
    breaks: "D05",
    plugin: spoilt((processor, { seed }) => {
      const gain = seed === 1 ? 1 : 1 + module.activations++ / 1000;
      return { ...processor, process: (block) => scaled(processor.process(block), block, gain) };
    }),
    says: /with seed 77 again: channel 0 differs/,
  },
];

function scaled(remaining: number, block: Parameters<typeof everySample>[0], gain: number): number {
  everySample(block, (x) => x * gain);
  return remaining;
}

export const BROKEN_IN_TIME: readonly Broken[] = [
  {
    what: "declares 65 frames of latency and has 64",
    breaks: "T01",
    plugin: spoilt((processor) => ({ ...processor, latencyFrames: processor.latencyFrames + 1 })),
    says: /declares a latency of 65 frames, measured 64/,
  },
  {
    what: "declares a latency that its restart parameter changes",
    breaks: "T01",
    plugin: spoilt((processor) => ({ ...processor, latencyFrames: 64 })),
    also: ["T03"],
    says: /declares a latency of 64 frames, measured \d+/,
  },
  {
    what: "declares a latency beyond what it has by far",
    breaks: "T01",
    plugin: spoilt((processor) => ({ ...processor, latencyFrames: 20_000 })),
    also: ["T04"],
    says: /declares a latency of 20000 frames, measured 64/,
  },
  {
    what: "hears its key a thousand frames late",
    breaks: "T02",
    plugin: memoryPlugin((setup, host) => {
      const processor = activateSound(setup, host);
      const late = new Float32Array(1000);
      let at = 0;
      return {
        ...processor,
        process(block) {
          const key = block.inputs[1].map((channel) => channel.slice());
          for (let i = 0; i < block.frames; i++) {
            const now = key[0][i];
            for (const channel of key) channel[i] = late[at];
            late[at] = now;
            at = (at + 1) % late.length;
          }
          return processor.process({ ...block, inputs: [block.inputs[0], key], frames: block.frames });
        },
        reset() {
          processor.reset();
          late.fill(0);
        },
      };
    }),
    says: /answers a key after 1000 frames; its latency is 64/,
  },
  {
    what: "rings for longer than it declares",
    breaks: "T03",
    plugin: spoilt((processor) => ({ ...processor, tailFrames: 10 })),
    says: /declares a tail of 10 frames, and rings for \d+/,
  },
  {
    what: "declares ten times the tail that it has",
    breaks: "T04",
    plugin: spoilt((processor) => ({ ...processor, tailFrames: processor.tailFrames * 10 })),
    says: /declares \d+ frames, the longest ring that was found has \d+/,
  },
  {
    what: "has more left to sound after every other block of silence",
    breaks: "T05",
    plugin: (() => {
      let calls = 0;
      return afterwards((_block, remaining) => remaining + (calls++ % 2));
    })(),
    also: ["T06"],
    says: /\d+ frames were left, then \d+/,
  },
  {
    what: "always has one frame left to sound",
    breaks: "T05",
    plugin: afterwards((_block, remaining) => Math.max(1, remaining)),
    says: /has not come to rest after 20 s of silence/,
  },
  {
    what: "says nothing",
    breaks: "T05",
    plugin: afterwards(() => Number.NaN),
    also: ["T04"],
    says: /says that NaN frames are left/,
  },
  {
    what: "says that less than nothing is left",
    breaks: "T05",
    plugin: afterwards(() => -1),
    also: ["T04", "T07"],
    says: /says that -1 frames are left/,
  },
  {
    what: "goes on counting for its tremolo while it says that it is at rest",
    breaks: "T06",
    plugin: withState((block, state) =>
      everySample(block, (x, _, c) => x * (1 + 0.1 * Math.sin(0.001 * state[c]++))),
    ),
    says: /after a sleep: channel 0 differs at frame/,
  },
  {
    what: "counts every 64th frame while it says that it is at rest",
    breaks: "T06",
    plugin: withState((block, state) =>
      everySample(block, (x, _, c) => (state[c]++ % 64 === 0 ? 0.999 * x : x)),
    ),
    says: /after a sleep: channel 0 differs at frame/,
  },
  {
    what: "is still on its way to what a parameter became in the silence when it says that it is at rest",
    breaks: "T06",
    plugin: withState((block, state) => {
      const goal = block.params[0];
      if (state[2] === 0) state.fill(goal, 0, 2);
      state[2] = 1;
      everySample(block, (x, _, c) => {
        state[c] += 2e-4 * (goal - state[c]);
        return x * (1 + 0.01 * Math.sin(state[c]));
      });
    }),
    says: /after a sleep: channel 0 differs at frame/,
  },
  {
    what: "says that it is at rest while it rings",
    breaks: "T07",
    plugin: afterwards(() => 0),
    also: ["T04", "T06"],
    says: /said that 0 frames were left, and put out -\d+ dBFS/,
  },
  {
    what: "says that ten frames are left while it rings for more",
    breaks: "T07",
    plugin: afterwards((_block, remaining) => Math.min(10, remaining)),
    says: /said that 10 frames were left, and put out -\d+ dBFS/,
  },
];
