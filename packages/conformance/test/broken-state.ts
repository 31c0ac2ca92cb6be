/** Plugins whose state, meters or curve are wrong, and plugins that do in process() what belongs elsewhere. */
import type { Plugin, Processor } from "@gainstage/plugin-api";
import {
  afterwards,
  anotherEachTime,
  type Broken,
  drawsTransfer,
  everySample,
  meterReads,
  withState,
} from "./broken.ts";
import { activateSound, memoryPlugin, spoilt } from "./sound-plugin.ts";

const module = { saves: 0 };

/** The sound plugin with another save(). */
function saving(save: (sound: Uint8Array) => Uint8Array) {
  return spoilt((processor) => ({
    ...processor,
    extension: ((id: "state/1") => {
      const offered = processor.extension?.(id);
      return id === "state/1" && offered ? { save: () => save(offered.save()) } : offered;
    }) as NonNullable<Processor["extension"]>,
  }));
}

/** The sound plugin with something done to the state that it is given. */
function loading(change: Plugin["activate"]) {
  return memoryPlugin(change);
}

export const BROKEN_IN_STATE: readonly Broken[] = [
  {
    what: "is another one each time it is activated",
    breaks: "S01",
    plugin: anotherEachTime(),
    also: ["S03", "S04"],
    says: /with parameters out of a session: channel 0 differs/,
  },
  {
    what: "counts how often it saved, in what it saves",
    breaks: "S02",
    plugin: loading((setup, host) => {
      const state = setup.state && { ...setup.state, bytes: setup.state.bytes.slice(0, 2) };
      const processor = activateSound({ ...setup, state }, host);
      const save = () => Uint8Array.of(...processor.extension!("state/1")!.save(), module.saves++ % 256);
      return { ...processor, extension: (() => ({ save })) as NonNullable<Processor["extension"]> };
    }),
    also: ["S10"],
    says: /saved by another instance that did the same: other bytes, 3 instead of 3 long/,
  },
  {
    what: "learns from what it hears and does not save it",
    breaks: "S03",
    plugin: withState(
      (block, state) => {
        everySample(block, (x) => (state[0] > 1000 ? -x : x));
        state[0] += block.frames;
      },
      () => {},
    ),
    says: /with the saved state: channel 0 differs/,
  },
  {
    what: "takes a state of no bytes for none",
    breaks: "S04",
    plugin: loading((setup, host) =>
      activateSound(setup.state?.bytes.length === 0 ? { ...setup, state: null } : setup, host),
    ),
    says: /takes a state of no bytes/,
  },
  {
    what: "takes any byte for a gain",
    breaks: "S05",
    plugin: loading((setup, host) => {
      const gain = setup.state && setup.state.bytes.length === 2 ? setup.state.bytes[1] : 0;
      const processor = activateSound(gain > 1 ? { ...setup, state: null } : setup, host);
      return {
        ...processor,
        process(block) {
          const remaining = processor.process(block);
          if (gain > 1) everySample(block, () => Number.NaN);
          return remaining;
        },
      };
    }),
    says: /with byte 1 set to \d+: channel 0 is NaN at frame 0/,
  },
  {
    what: "makes room for as much as its state says",
    breaks: "S05",
    plugin: (() => {
      const rooms: Float64Array[] = [];
      return loading((setup, host) => {
        const count = setup.state?.bytes[1] ?? 0;
        if (count > 1 && rooms.length < 1) rooms.push(new Float64Array(10_000_000).fill(1));
        return activateSound(count > 1 ? { ...setup, state: null } : setup, host);
      });
    })(),
    says: /took \d{8,} bytes of memory/,
  },
  {
    what: "has another latency with a state",
    breaks: "S09",
    plugin: spoilt((processor, { state }) => ({
      ...processor,
      latencyFrames: processor.latencyFrames + (state ? 1 : 0),
    })),
    says: /has a latency and a tail of 65 and \d+ frames with its saved state, 64 and/,
  },
  {
    what: "takes a state at the usual rates alone",
    breaks: "S10",
    plugin: spoilt((processor, { state, sampleRateHz }) => {
      if (state && sampleRateHz > 48_000) throw new Error("this state is of another rate");
      return processor;
    }),
    says: /does not activate.*this state is of another rate/,
  },
  {
    what: "saves where its author's files are",
    breaks: "S12",
    plugin: saving(() => new TextEncoder().encode("S /home/me/impulse.wav")),
    also: ["S02", "S03", "S09", "S10"],
    says: /saves "\/home\/me\/impulse\.wav"/,
  },
];

export const BROKEN_IN_METERS: readonly Broken[] = [
  {
    what: "has a meter beyond its range",
    breaks: "G01",
    plugin: afterwards((block) => {
      block.meters[0] = -1;
    }),
    says: /meter level reads -1 before frame \d+, declared 0 to 1000/,
  },
  {
    what: "writes its meter at every second call",
    breaks: "G01",
    plugin: withState((block, state) => {
      if (state[0]++ % 2 === 1) block.meters[0] = Number.NaN;
    }),
    says: /meter level reads NaN/,
  },
  {
    what: "shows half a decibel at rest",
    breaks: "G02",
    plugin: meterReads((reading) => (reading === 0 ? -0.5 : reading)),
    also: ["G03"],
    says: /meter gainChangeDb reads -0\.5 at rest/,
  },
  {
    what: "shows half of what it does",
    breaks: "G03",
    plugin: meterReads((reading) => reading / 2),
    says: /meter gainChangeDb shows -\d\.\d\d dB for a tone at -\d+ dBFS, whose gain changes by -\d\.\d\d dB/,
  },
  {
    what: "draws a curve that is 1 dB too high",
    breaks: "G04",
    plugin: spoilt((processor) => ({
      ...processor,
      extension: ((id: "curve/1") => {
        const offered = processor.extension!(id);
        if (id !== "curve/1" || !offered) return offered;
        return {
          curve: (kind: "magnitude" | "transfer", x: Float64Array, y: Float64Array) => {
            const has = offered.curve(kind, x, y);
            for (let i = 0; i < y.length; i++) y[i] += 1;
            return has;
          },
        };
      }) as NonNullable<Processor["extension"]>,
    })),
    says: /draws 1\.00 dB at 20\.0 Hz, where it has -?0\.00 dB/,
  },
  {
    what: "draws a ratio of 4 where it has 2",
    breaks: "G04",
    plugin: drawsTransfer((inDb, outDb) => inDb + 1.5 * (outDb - inDb)),
    says: /draws -\d+\.\d\d dBFS out for -\d+ dBFS in, where -\d+\.\d\d dBFS come out/,
  },
  {
    what: "reads its own meter",
    breaks: "G05",
    plugin: spoilt((processor) => ({
      ...processor,
      process(block) {
        const loud = block.meters[0] > 1e6;
        const remaining = processor.process(block);
        if (loud) everySample(block, (x) => x / 2);
        return remaining;
      },
    })),
    says: /with its meters overwritten: channel 0 differs/,
  },
];

/** So that V8 cannot do without what is allocated. */
export const kept: { array: Float32Array | undefined; sum: number } = { array: undefined, sum: 0 };

function busyForMs(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until) kept.sum++;
}

export const BROKEN_IN_REAL_TIME: readonly Broken[] = [
  {
    what: "allocates an array a block",
    breaks: "R01",
    plugin: afterwards(({ inputs, frames }) => {
      kept.array = inputs[0][0].slice(0, frames);
    }),
    says: /allocates \d+ bytes a block/,
  },
  {
    what: "takes a subarray a block, while there is a signal",
    breaks: "R01",
    plugin: afterwards(({ inputs, frames }) => {
      if (inputs[0][0][0] !== 0) kept.array = inputs[0][0].subarray(0, frames);
    }),
    says: /allocates \d+ bytes a block/,
  },
  {
    what: "takes long for blocks of 256 alone",
    breaks: "R03",
    plugin: afterwards(({ frames }) => {
      if (frames === 256) busyForMs(1);
    }),
    says: /time is not in proportion to frames/,
  },
  {
    what: "takes a tenth of a second to activate",
    breaks: "R04",
    alone: true,
    plugin: spoilt((processor) => {
      busyForMs(110);
      return processor;
    }),
    says: /takes 11\d ms/,
  },
  {
    what: "wears off",
    breaks: "R07",
    plugin: withState(
      (block, state) => {
        state[0] += block.frames;
        if (state[0] > 80_000) everySample(block, (x) => x * 0.99);
      },
      () => {},
    ),
    says: /is not as new after 2 s and reset\(\)/,
  },
  {
    what: "overflows after 25 s of sound",
    breaks: "R08",
    plugin: withState(({ outputs, frames }, state) => {
      state[0] += frames;
      if (state[0] > 25 * 48_000) outputs[0][0][0] = Number.NaN;
    }),
    says: /within [\d.]+ s of noise: channel 0 is NaN at frame 1[12]\d{5}/,
  },
];
