/** Every band that the parameters allow has finite, stable sections, above all where its fit samples the curve. */
import { allFinite, impulse, loadFolder, noise, random, start, stream } from "@gainstage/conformance";
import type { LoadedPlugin } from "@gainstage/plugin-api";
import { beforeAll, describe, expect, test } from "vitest";
import { BAND_PASS, BELL, HIGH_PASS, HIGH_SHELF, LOW_PASS, NOTCH } from "../src/analogue.ts";
import { designBand, frequencyNodes, type Section } from "../src/band-design.ts";
import { impulseResponse, measuredDb } from "./measured-response.ts";

const RATES_HZ = [44_100, 48_000, 88_200, 96_000, 192_000];
const TYPES = [1, 2, 3, 4, 5, 6, 7];
const LOWEST_HZ = 10;
const HIGHEST_HZ = 30_000;

let plugin: LoadedPlugin;
beforeAll(async () => {
  plugin = await loadFolder(new URL("../", import.meta.url).pathname);
});

/** What bands below 10 kHz and the highest ones are sampled at; the nodes around the centre depend on it. */
function sampledHz(sampleRateHz: number): number[] {
  const shape = { type: BELL, gainDb: 6, q: 1, slope: 0 };
  const nodes = [1000, HIGHEST_HZ].flatMap((f) => [...frequencyNodes(shape, f, sampleRateHz)]);
  const limits = [0.25, 0.4535, 0.49, 0.5].map((part) => part * sampleRateHz);
  return [...new Set([...nodes, ...limits])].filter((f) => f >= LOWEST_HZ && f <= HIGHEST_HZ);
}

function expectStable(sections: readonly Section[], band: string): void {
  for (const [k, { b0, b1, b2, a1, a2 }] of sections.entries()) {
    const finite = [b0, b1, b2, a1, a2].every(Number.isFinite);
    // The stability triangle; and b0 > 0, since the kernel divides by it.
    const stable = b0 > 0 && Math.abs(a2) < 1 && Math.abs(a1) < 1 + a2;
    if (!finite || !stable) throw new Error(`${band}: section ${k} is ${[b0, b1, b2, a1, a2].join(", ")}`);
  }
}

describe("sections are finite and stable", () => {
  test.each(RATES_HZ)(
    "for every type at and beside the frequencies where the curve is sampled, %i Hz",
    (fs) => {
      for (const node of sampledHz(fs)) {
        for (const beside of [0, 1e-15, 1e-6]) {
          const frequencyHz = node * (1 + beside);
          for (const type of TYPES) {
            const slopes = type === LOW_PASS || type === HIGH_PASS ? [0, 1, 7] : [0];
            for (const q of [0.1, Math.SQRT1_2, 3, 40]) {
              for (const gainDb of type <= HIGH_SHELF ? [-24, 1e-9, 24] : [0]) {
                for (const slope of slopes) {
                  const shape = { type, gainDb, q, slope };
                  const band = `${JSON.stringify(shape)} at ${frequencyHz} Hz`;
                  expectStable(designBand(shape, frequencyHz, fs), band);
                }
              }
            }
          }
        }
      }
    },
  );

  test("for any type, frequency, q, gain, slope and sample rate", () => {
    const next = random(7);
    for (let run = 0; run < 15_000; run++) {
      const [type, slope] = [1 + Math.floor(7 * next()), Math.floor(8 * next())];
      const shape = { type, slope, gainDb: 48 * next() - 24, q: 0.1 * 400 ** next() };
      const frequencyHz = LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** next();
      const sampleRateHz = next() < 0.5 ? RATES_HZ[run % RATES_HZ.length] : 8000 * 48 ** next();
      const sections = designBand(shape, frequencyHz, sampleRateHz);
      expectStable(sections, `${JSON.stringify(shape)} at ${frequencyHz} of ${sampleRateHz} Hz`);
    }
  });
});

describe("the kernel puts out finite samples", () => {
  const BANDS = Array.from({ length: 8 }, (_, n) => n);
  const QS = [0.1, 0.4, Math.SQRT1_2, 1, 3, 8, 20, 40];

  test.each(RATES_HZ)(
    "with a band of every type at every frequency where the curve is sampled, %i Hz",
    (fs) => {
      const tick = [impulse(16, 1), impulse(16, -1)];
      for (const frequencyHz of sampledHz(fs)) {
        for (const type of TYPES) {
          const band = (n: number) => ({
            [`band${n + 1}.type`]: type,
            [`band${n + 1}.frequencyHz`]: frequencyHz,
            [`band${n + 1}.gainDb`]: n % 2 === 0 ? 24 : -24,
            [`band${n + 1}.q`]: QS[n],
            [`band${n + 1}.slopeDbPerOct`]: n,
          });
          const params = Object.assign({}, ...BANDS.map(band));
          const processor = start(plugin, { params, sampleRateHz: fs, maxFrames: 16 });
          allFinite(stream(processor, tick, { blocks: [16] }), `type ${type} at ${frequencyHz} Hz`);
          processor.dispose();
        }
      }
    },
  );

  test("with eight of the steepest filters at either end, for an input of ±1e6", () => {
    const loud = [noise(4800, 1, 1e6), noise(4800, 2, 1e6)];
    for (const [type, frequencyHz] of [
      [LOW_PASS, LOWEST_HZ],
      [HIGH_PASS, HIGHEST_HZ],
      [BAND_PASS, LOWEST_HZ],
      [NOTCH, LOWEST_HZ],
    ]) {
      for (const q of [0.1, 40]) {
        const band = (n: number) => ({
          [`band${n + 1}.type`]: type,
          [`band${n + 1}.frequencyHz`]: frequencyHz,
          [`band${n + 1}.q`]: q,
          [`band${n + 1}.slopeDbPerOct`]: 7,
        });
        const params = Object.assign({}, ...BANDS.map(band));
        const processor = start(plugin, { params, sampleRateHz: 192_000 });
        allFinite(stream(processor, loud), `type ${type} at ${frequencyHz} Hz, q ${q}`);
        processor.dispose();
      }
    }
  });
});

test("a notch where its own curve is sampled is as deep as elsewhere, and as wide as the analogue one", () => {
  const fs = 48_000;
  // 2500 Hz is the default of band 5, and one of the nodes.
  const nodesHz = sampledHz(fs).filter((f) => f >= 60 && f <= 16_000);
  expect(nodesHz).toContain(2500);
  for (const frequencyHz of nodesHz) {
    const params = { "band5.type": NOTCH, "band5.frequencyHz": frequencyHz, "band5.q": 2 };
    const [response] = impulseResponse(plugin, params, fs, 24_000);
    expect(measuredDb(response, frequencyHz, fs), `on ${frequencyHz} Hz`).toBeLessThan(-80);
    for (const x of [0.25, 0.8, 0.95, 1.05, 1.25]) {
      // |H|² of (s² + 1) / (s² + s/q + 1) at s = jx
      const wanted = -10 * Math.log10(1 + (x / 2 / (1 - x * x)) ** 2);
      const measured = measuredDb(response, x * frequencyHz, fs);
      expect(Math.abs(measured - wanted), `at ${x} of ${frequencyHz} Hz`).toBeLessThan(0.05);
    }
  }
});
