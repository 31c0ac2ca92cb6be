/** Plugins that break what one call of process() owes. */
import { afterwards, type Broken, blur, everySample, withState } from "./broken.ts";
import { GAIN, spoilt } from "./sound-plugin.ts";

/** So that V8 cannot do without what is computed. */
export const kept = { sum: 0 };

function spin(times: number): void {
  for (let k = 0; k < times; k++) kept.sum += Math.sqrt(k);
}

export const BROKEN_IN_PROCESSING: readonly Broken[] = [
  {
    what: "overflows at ±1e6",
    breaks: "P01",
    plugin: afterwards((block) =>
      everySample(block, (x) => (Math.abs(x) > 1e4 ? Number.POSITIVE_INFINITY : x)),
    ),
    says: /with (noise|impulse) of ±1000000: channel 0 is Infinity at frame/,
  },
  {
    what: "divides 0 by 0 for a steady input",
    breaks: "P01",
    plugin: withState((block, state) => {
      const [input] = block.inputs[0];
      for (let i = 0; i < block.frames; i++) {
        state[1] = input[i] === state[0] && input[i] !== 0 ? state[1] + 1 : 0;
        state[0] = input[i];
        if (state[1] > 20) block.outputs[0][0][i] = Number.NaN;
      }
    }),
    says: /with (dc|square) of ±0\.7: channel 0 is NaN/,
  },
  {
    what: "hums on with subnormal numbers",
    breaks: "P02",
    plugin: withState((block, state) => {
      everySample(block, (x) => {
        if (x !== 0) state[0] = 1;
        return x === 0 && state[0] === 1 ? 1e-40 : x;
      });
    }),
    also: ["P16"],
    says: /channel \d is 9\.99\d+e-41 at frame \d+/,
  },
  {
    what: "leaves the last frame of three unwritten",
    breaks: "P03",
    plugin: spoilt((processor) => ({
      ...processor,
      process(block) {
        const last = block.outputs[0][0][block.frames - 1];
        const remaining = processor.process(block);
        if (block.frames === 3) block.outputs[0][0][2] = last;
        return remaining;
      },
    })),
    also: ["P06"],
    says: /the output of 3 frames: channel 0 is NaN at frame 2/,
  },
  {
    what: "writes its input",
    breaks: "P04",
    plugin: afterwards(({ inputs }) => void (inputs[0] as Float32Array[])[0].fill(0, 0, 1)),
    says: /the input in: channel 0 differs at frame 0/,
  },
  {
    what: "writes its key",
    breaks: "P04",
    plugin: afterwards(({ inputs }) => void (inputs[1] as Float32Array[])[1].fill(0, 0, 1)),
    also: ["P13"],
    says: /the input key: channel 1 differs at frame 0/,
  },
  {
    what: "rounds a parameter in place",
    breaks: "P04",
    plugin: afterwards(({ params }) => {
      params[1] = 1999;
    }),
    also: ["P09"],
    says: /parameter cutoffHz is 1999 after process\(\), 2000 before/,
  },
  {
    what: "writes four frames at a time",
    breaks: "P04",
    plugin: afterwards(({ outputs, frames }) => {
      const whole = 4 * Math.ceil(frames / 4);
      for (const channel of outputs[0]) channel.fill(0, frames, whole);
    }),
    says: /channel 0 is written at frame 1 of a block of 1/,
  },
  {
    what: "keeps the outputs of its first block",
    breaks: "P05",
    plugin: spoilt((processor) => {
      let first: readonly Float32Array[] | undefined;
      return {
        ...processor,
        process(block) {
          const remaining = processor.process(block);
          first ??= [...block.outputs[0]];
          for (const [c, channel] of first.entries()) {
            const now = block.outputs[0][c];
            if (now === channel) continue;
            channel.set(now);
            now.fill(0);
          }
          return remaining;
        },
      };
    }),
    says: /with other arrays at each call.*channel 0 differs at frame 128/,
  },
  {
    what: "has an offset of −140 dB",
    breaks: "P06",
    plugin: afterwards((block) => everySample(block, (x) => x + 1e-7)),
    also: ["P16"],
    says: /puts out 1\.0?.*e-7 for silence/,
  },
  {
    what: "says that it is silent when its input is",
    breaks: "P07",
    plugin: afterwards(({ inputs, silentOutputs, frames }) => {
      if (inputs[0][0].subarray(0, frames).every((x) => x === 0)) silentOutputs[0] = 1;
    }),
    says: /says that channel 0 of out is silent, which is .* at frame \d+/,
  },
  {
    what: "stops ringing when it is told of silence",
    breaks: "P08",
    plugin: afterwards((block) => {
      if ((block.silentInputs[0] & 1) === 1) everySample(block, () => 0);
    }),
    says: /told which channels are silent: channel 0 differs at frame/,
  },
  {
    what: "keeps a NaN through reset()",
    breaks: "P09",
    plugin: withState(blur, (state) => {
      for (let i = 0; i < 2; i++) if (Number.isFinite(state[i])) state[i] = 0;
    }),
    also: ["P16"],
    says: /after NaN and reset\(\): channel 0 differs at frame 0: NaN instead of/,
  },
  {
    what: "never gets over a loud sound",
    breaks: "P10",
    plugin: withState((block, state) => {
      for (const x of block.inputs[0][0].subarray(0, block.frames))
        state[0] = Math.max(state[0], Math.abs(x));
      if (state[0] > 1e5) everySample(block, (x) => x + 20);
    }),
    says: /26 dBFS are left \d+ frames after ±1e6/,
  },
  {
    what: "takes its time over small numbers",
    breaks: "P11",
    plugin: afterwards(({ inputs, frames }) => {
      const [first] = inputs[0][0];
      if (first !== 0 && Math.abs(first) < 1e-30) spin(100 * frames);
    }),
    says: /takes \d+\.\d times as long for an input of subnormal numbers/,
  },
  {
    what: "takes its time while it dies away",
    breaks: "P12",
    plugin: spoilt((processor) => ({
      ...processor,
      tailFrames: 96_000,
      process(block) {
        const remaining = processor.process(block);
        if (block.inputs[0][0][0] === 0) spin(100 * block.frames);
        return remaining === 0 ? 0 : remaining + 90_000;
      },
    })),
    says: /takes \d+\.\d times as long in silence as for noise/,
  },
  {
    what: "is far too loud at a low gain",
    breaks: "P13",
    plugin: afterwards((block) => everySample(block, (x) => (block.params[GAIN] < -12 ? x * 1e7 : x))),
    says: /reaches \d+\.\d dBFS/,
  },
  {
    what: "is never quite dry",
    breaks: "P16",
    plugin: afterwards((block) => everySample(block, (x) => x * 1.000001)),
    says: /with mixPercent at 0: channel 0, frame \d+: .* is not within 0 of/,
  },
];
