/** Plugins that break loading, or a rule of activate → (process | reset)* → dispose. */
import type { ProcessSetup } from "@gainstage/plugin-api";
import { afterwards, anotherEachTime, type Broken, blur, everySample, withState } from "./broken.ts";
import { activateSound, memoryPlugin, spoilt } from "./sound-plugin.ts";

const shared = new Float64Array(4);
const module = { sampleRateHz: 0, isAlive: true };
const globals = globalThis as unknown as Record<string, unknown>;

export const BROKEN_IN_LOADING: readonly Broken[] = [
  {
    what: "calls an extension that it hoped for, whatever it is",
    breaks: "L05",
    plugin: memoryPlugin(
      (setup, host) => {
        const hoped = host.extension("com.example.unheard-of/1" as "log/1");
        hoped?.log("info", "hello");
        return activateSound(setup, host);
      },
      { uses: ["com.example.unheard-of/1"] },
    ),
    says: /does not activate.*hoped\?\.log is not a function/,
  },
  {
    what: "keeps every processor in a list for ever",
    breaks: "L07",
    plugin: (() => {
      const all: Float64Array[] = [];
      return spoilt((processor) => {
        all.push(new Float64Array(100_000).fill(1));
        return processor;
      });
    })(),
    says: /grew by \d+ bytes, [78]\d{5} for each processor that is gone/,
  },
  {
    what: "shares state between its processors",
    breaks: "L08",
    plugin: withState(
      blur,
      (state) => state.fill(0),
      () => shared.fill(0),
    ),
    says: /beside another processor: channel 0 differs at frame/,
  },
  {
    what: "leaves a global behind",
    breaks: "L09",
    plugin: afterwards(() => {
      globals.leftBehind = (Number(globals.leftBehind) || 0) + 1;
    }),
    says: /changes globalThis\.leftBehind/,
  },
  {
    what: "adds a method to all arrays",
    breaks: "L09",
    plugin: spoilt((processor) => {
      Object.defineProperty(Array.prototype, "last", { value: () => 1, configurable: true });
      return processor;
    }),
    says: /changes Array\.prototype\.last/,
  },
  {
    what: "draws random numbers that are not the host's",
    breaks: "L10",
    plugin: afterwards((block) => {
      block.meters[0] += 0 * Math.random();
    }),
    says: /uses Math\.random$/,
  },
  {
    what: "reads the clock",
    breaks: "L10",
    plugin: spoilt((processor) => {
      new Date(Date.now());
      return processor;
    }),
    says: /uses Date\.now, Date$/,
  },
];

export const BROKEN_IN_LIFE: readonly Broken[] = [
  {
    what: "keeps the sample rate in a variable of the module",
    breaks: "C01",
    plugin: spoilt((processor, { sampleRateHz }) => {
      module.sampleRateHz = sampleRateHz;
      return {
        ...processor,
        process(block) {
          const remaining = processor.process(block);
          everySample(block, (x) => x * (module.sampleRateHz / 48_000));
          return remaining;
        },
      };
    }),
    says: /the one that was there already: channel 0 differs at frame/,
  },
  {
    what: "is another one each time it is activated",
    breaks: "C02",
    plugin: anotherEachTime(),
    also: ["C01", "C03", "C04", "C05", "C06", "C12"],
    says: /the second activation: channel 0 differs at frame/,
  },
  {
    what: "forgets only its left half in reset()",
    breaks: "C03",
    plugin: withState(
      ({ outputs, frames }, state) => {
        for (const [c, channel] of outputs[0].entries())
          for (let i = 0; i < frames; i++) channel[i] *= 1 + 0.1 * Math.sin(0.01 * state[c]++);
      },
      (state) => state.fill(0, 0, 1),
    ),
    also: ["C04"],
    says: /after reset\(\): channel 1 differs/,
  },
  {
    what: "goes back to the parameters of activate() in reset()",
    breaks: "C04",
    plugin: glidingFrom(({ params }) => params[0], true),
    says: /with values written before reset\(\): channel 0 differs/,
  },
  {
    what: "begins at its defaults, and not where activate() says",
    breaks: "C05",
    plugin: glidingFrom(() => 0, false),
    also: ["C03", "C04"],
    says: /after activate\(\) alone and after reset\(\) as well: channel 0 differs at frame/,
  },
  {
    what: "does not survive two resets in a row",
    breaks: "C06",
    plugin: spoilt((processor) => {
      let resets = 0;
      return {
        ...processor,
        reset() {
          if (++resets === 2) throw new Error("I was new already");
          processor.reset();
        },
        process(block) {
          resets = 0;
          return processor.process(block);
        },
      };
    }),
    says: /it failed in reset\(\): I was new already/,
  },
  {
    what: "refuses 8 kHz",
    breaks: "C07",
    plugin: spoilt((processor, { sampleRateHz }) => {
      if (sampleRateHz === 8000) throw new Error("8 kHz is too slow for me");
      return processor;
    }),
    says: /does not activate with \{"sampleRateHz":8000.*8 kHz is too slow for me/,
  },
  {
    what: "has a buffer for 8192 frames and no more",
    breaks: "C08",
    plugin: spoilt((processor) => {
      const copy = new Float32Array(8192);
      return {
        ...processor,
        process(block) {
          copy.set(block.inputs[0][0].subarray(0, block.frames));
          return processor.process(block);
        },
      };
    }),
    says: /process\(\) failed with a block of 8193 frames: offset is out of bounds/,
  },
  {
    what: "throws in process() when it is mono",
    breaks: "C09",
    plugin: afterwards(({ outputs }) => {
      outputs[0][1][0] *= 1;
    }),
    also: ["C03"],
    says: /process\(\) failed with a block of \d+ frames: Cannot read properties of undefined/,
  },
  {
    what: "divides by a sidechain that somebody feeds",
    breaks: "C10",
    plugin: afterwards((block, _, { inputs }) => {
      if (inputs[1].connected) everySample(block, () => Number.NaN);
    }),
    also: ["C03"],
    says: /with key connected: channel 0 is NaN at frame 0/,
  },
  {
    what: "switches all of its processors off when one goes",
    breaks: "C12",
    plugin: spoilt((processor) => {
      module.isAlive = true;
      return {
        ...processor,
        process(block) {
          const remaining = processor.process(block);
          if (!module.isAlive) everySample(block, () => 0);
          return remaining;
        },
        dispose() {
          module.isAlive = false;
        },
      };
    }),
    also: ["C01"],
    says: /beside one that was disposed of: channel 0 differs/,
  },
];

/** A gain of its own that glides from where `from` says, at the start and after reset() or at the start alone. */
function glidingFrom(from: (setup: ProcessSetup) => number, afterReset: boolean) {
  return spoilt((processor, setup) => {
    const own = Float64Array.of(from(setup));
    return {
      ...processor,
      reset() {
        processor.reset();
        own[0] = afterReset ? from(setup) : Number.NaN;
      },
      process(block) {
        const remaining = processor.process(block);
        if (Number.isNaN(own[0])) own[0] = block.params[0];
        for (let i = 0; i < block.frames; i++) {
          own[0] += (block.params[0] - own[0]) * 0.001;
          for (const channel of block.outputs[0]) channel[i] *= 1 + own[0] / 1000;
        }
        return remaining;
      },
    };
  });
}
