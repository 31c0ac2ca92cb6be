import { loadFolder } from "@gainstage/conformance";
import type { LoadedPlugin } from "@gainstage/plugin-api";
import { processSetup } from "@gainstage/plugin-api";
import { beforeAll, describe, expect, test } from "vitest";
import { magnitudeDb } from "../src/index.ts";
import { impulseResponse, measuredDb } from "./measured-response.ts";

let plugin: LoadedPlugin;
beforeAll(async () => {
  plugin = await loadFolder(new URL("../", import.meta.url).pathname);
});

const BELL = 1;
const LOW_SHELF = 2;
const HIGH_SHELF = 3;
const LOW_PASS = 4;
const HIGH_PASS = 5;
const NOTCH = 6;
const BAND_PASS = 7;
const BUTTERWORTH_Q = Math.SQRT1_2;

/** Analogue magnitudes in dB, written out from the transfer functions; x is f / f0. */
const analogueDb: Record<number, (x: number, gainDb: number, q: number) => number> = {
  [BELL]: (x, gainDb, q) => {
    const a = 10 ** (gainDb / 40);
    return ratioDb([1 - x * x, (a * x) / q], [1 - x * x, x / (a * q)]);
  },
  [LOW_SHELF]: (x, gainDb, q) => {
    const a = 10 ** (gainDb / 40);
    const middle = (Math.sqrt(a) * x) / q;
    return gainDb / 2 + ratioDb([a - x * x, middle], [1 - a * x * x, middle]);
  },
  [HIGH_SHELF]: (x, gainDb, q) => {
    const a = 10 ** (gainDb / 40);
    const middle = (Math.sqrt(a) * x) / q;
    return gainDb / 2 + ratioDb([1 - a * x * x, middle], [a - x * x, middle]);
  },
  [LOW_PASS]: (x, _, q) => ratioDb([1, 0], [1 - x * x, x / q]),
  [HIGH_PASS]: (x, _, q) => ratioDb([x * x, 0], [1 - x * x, x / q]),
  [NOTCH]: (x, _, q) => ratioDb([1 - x * x, 0], [1 - x * x, x / q]),
  [BAND_PASS]: (x, _, q) => ratioDb([0, x / q], [1 - x * x, x / q]),
};

function ratioDb(over: readonly [number, number], under: readonly [number, number]): number {
  return 20 * Math.log10(Math.hypot(...over) / Math.hypot(...under));
}

/** 20 Hz to 20 kHz, and close to the centre. */
function probesHz(centreHz: number, q: number): number[] {
  const wide = Array.from({ length: 40 }, (_, k) => 20 * 1000 ** (k / 39));
  const close = [-2, -1, -0.5, 0, 0.5, 1, 2].map((k) => centreHz * 2 ** (k / (2 * q)));
  return [...wide, ...close].filter((f) => f >= 20 && f <= 20_000);
}

/** The largest distance between measured and analogue magnitude, where the latter is above -60 dB. */
function worstErrorDb(type: number, centreHz: number, q: number, gainDb: number, fs: number): number {
  const params = { "band1.type": type, "band1.frequencyHz": centreHz, "band1.q": q, "band1.gainDb": gainDb };
  // Long enough for a pole of this width to fall by 120 dB.
  const a = type === BELL ? 10 ** (Math.abs(gainDb) / 40) : 1;
  const frames = Math.ceil(Math.min(3 * fs, 2048 + (14 * 2 * q * a * fs) / (2 * Math.PI * centreHz)));
  const [response] = impulseResponse(plugin, params, fs, frames);
  let worst = 0;
  for (const f of probesHz(centreHz, q)) {
    const wanted = analogueDb[type](f / centreHz, gainDb, q);
    if (wanted > -60) worst = Math.max(worst, Math.abs(measuredDb(response, f, fs) - wanted));
  }
  return worst;
}

const CENTRES_HZ = [30, 100, 1000, 4000, 10_000, 16_000, 19_000];
const QS = [0.4, 1, 4, 10];

describe("magnitude against the analogue filter, 20 Hz to 20 kHz", () => {
  for (const [name, type, tolerance] of [
    ["bell", BELL, 0.05],
    ["low shelf", LOW_SHELF, 0.125],
    ["high shelf", HIGH_SHELF, 0.125],
  ] as const) {
    for (const fs of [44_100, 48_000, 96_000]) {
      test(`a ${name} of ±18 dB is within ${tolerance} dB at ${fs} Hz`, () => {
        for (const centreHz of CENTRES_HZ) {
          for (const q of QS) {
            for (const gainDb of [-18, 18]) {
              const worst = worstErrorDb(type, centreHz, q, gainDb, fs);
              expect(worst, `${centreHz} Hz, q ${q}, ${gainDb} dB`).toBeLessThan(tolerance);
            }
          }
        }
      });
    }
  }

  for (const [name, type, tolerance] of [
    ["low-pass", LOW_PASS, 0.07],
    ["high-pass", HIGH_PASS, 0.05],
    ["notch", NOTCH, 0.05],
    ["band-pass", BAND_PASS, 0.05],
  ] as const) {
    test(`a ${name} is within ${tolerance} dB down to -60 dB`, () => {
      for (const fs of [44_100, 48_000, 96_000]) {
        for (const centreHz of CENTRES_HZ) {
          for (const q of QS) {
            const worst = worstErrorDb(type, centreHz, q, 0, fs);
            expect(worst, `${centreHz} Hz, q ${q}, ${fs} Hz`).toBeLessThan(tolerance);
          }
        }
      }
    });
  }
});

describe("high-pass and low-pass", () => {
  for (let slope = 0; slope < 8; slope++) {
    const order = slope + 1;
    test(`${6 * order} dB an octave is Butterworth of order ${order}`, () => {
      const fs = 48_000;
      for (const [type, octaves] of [
        [LOW_PASS, [-3, -1, 0, 1, 2]],
        [HIGH_PASS, [3, 1, 0, -1, -2]],
      ] as const) {
        const params = {
          "band3.type": type,
          "band3.frequencyHz": 1000,
          "band3.q": BUTTERWORTH_Q,
          "band3.slopeDbPerOct": slope,
        };
        const [response] = impulseResponse(plugin, params, fs, 12_000);
        for (const octave of octaves) {
          const x = 2 ** (type === LOW_PASS ? octave : -octave);
          const wanted = -10 * Math.log10(1 + x ** (2 * order));
          const measured = measuredDb(response, 1000 * 2 ** octave, fs);
          expect(Math.abs(measured - wanted), `type ${type}, ${octave} octaves`).toBeLessThan(0.06);
        }
      }
    });
  }
});

test("a notch is deeper than 100 dB on its frequency", () => {
  for (const frequencyHz of [100, 1000, 12_000]) {
    const [response] = impulseResponse(
      plugin,
      { "band2.type": NOTCH, "band2.frequencyHz": frequencyHz, "band2.q": 2 },
      48_000,
      48_000,
    );
    expect(measuredDb(response, frequencyHz, 48_000)).toBeLessThan(-100);
  }
});

test("magnitudeDb is what the kernel does, with bands and output gain together", () => {
  const params = {
    "band1.type": HIGH_PASS,
    "band1.frequencyHz": 40,
    "band1.slopeDbPerOct": 3,
    "band2.gainDb": -4,
    "band4.gainDb": 3,
    "band4.channels": 3,
    "band6.gainDb": 5,
    "band6.channels": 4,
    "band8.type": HIGH_SHELF,
    "band8.gainDb": 6,
    outputGainDb: -2,
  };
  const { params: values } = processSetup(plugin.manifest, {
    sampleRateHz: 44_100,
    maxFrames: 1,
    params,
  });
  const frequenciesHz = [30, 100, 440, 1000, 3000, 9000, 18_000];
  for (const [path, channels] of [
    ["mid", [1, 1]],
    ["side", [1, -1]],
  ] as const) {
    const curve = magnitudeDb(values, frequenciesHz, 44_100, path);
    const [response] = impulseResponse(plugin, params, 44_100, 44_100, channels);
    for (const [k, f] of frequenciesHz.entries()) {
      expect(Math.abs(curve[k] - measuredDb(response, f, 44_100)), `${path} at ${f} Hz`).toBeLessThan(1e-3);
    }
  }
});
