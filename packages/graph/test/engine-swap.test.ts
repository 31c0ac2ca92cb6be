import { bytesAllocatedBy, noise, sine } from "@gainstage/conformance";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AutomationLane, type Engine, SwappableEngine } from "../src/index.ts";
import {
  engineOf,
  expectSame,
  FADE,
  lateGain,
  MAX_FRAMES,
  onePole,
  PRIMING,
  RATE_HZ,
  through,
} from "./swapping.ts";

const options = { sampleRateHz: RATE_HZ };
/** Frame at which the tests swap: the edge of a block of 512, 128 and 1. */
const SWAP = 10 * MAX_FRAMES;
/** Where the fade begins, if nothing is late. */
const FADES = SWAP + PRIMING;
const x = noise(8 * SWAP, 1);
const at = (n: number) => (n < 0 ? 0 : x[n]);

/** The share of the next engine `k` frames into the fade, as engine-swap.ts says. */
function share(k: number): number {
  const t = Math.min(1, Math.max(0, (k + 1) / (FADE + 1)));
  return t * t * (3 - 2 * t);
}

/** Swaps to `next` at SWAP while `x` runs through. */
function swapped(swap: SwappableEngine, next: Engine, blocks?: readonly number[]): Float32Array {
  return through(swap, x, blocks, (frame) => {
    if (frame === SWAP) swap.swapTo(next);
  });
}

describe("a swap to the same plugin", () => {
  test("changes no bit where a plugin's past is as long as its latency and tail say", () => {
    const make = () => engineOf(lateGain(0.7, 300));
    const alone = through(make(), x);
    expectSame(swapped(new SwappableEngine(make(), options), make()), (n) => alone[n], 0, x.length);
  });

  test("changes no bit of what is automated: the new engine stands where the song stands", () => {
    const ramp = (node: string, param: string, to: number): AutomationLane => ({
      node,
      param,
      points: [
        { frame: 0, value: 0, curve: "linear" },
        { frame: x.length, value: to, curve: "hold" },
      ],
    });
    const make = () => engineOf(lateGain(0.7), [ramp("fader", "gainDb", -20), ramp("plugin", "level", 1)]);
    const alone = through(make(), x);
    expectSame(swapped(new SwappableEngine(make(), options), make()), (n) => alone[n], 0, x.length);
  });

  test("is below -120 dBFS for a recursive one, which is primed with half a second of the song", () => {
    // 0.9994^24000 is -125 dB.
    const make = () => engineOf(onePole(0.9994));
    const alone = through(make(), x);
    const heard = swapped(new SwappableEngine(make(), options), make());
    expectSame(heard, (n) => alone[n], 0, x.length, 1e-6);
  });
});

describe("a swap to another plugin", () => {
  test("is a crossfade of 20 ms, by its formula", () => {
    const swap = new SwappableEngine(engineOf(lateGain(0.5)), options);
    const y = swapped(swap, engineOf(lateGain(0.25)));
    expectSame(y, (n) => (0.5 - 0.25 * share(n - FADES)) * x[n], FADES, FADES + FADE, 1e-7);
    expectSame(y, (n) => 0.5 * x[n], 0, FADES);
    expectSame(y, (n) => 0.25 * x[n], FADES + FADE, x.length);
  });

  test("begins after the priming, at the frame itself, however the stream is cut", () => {
    const heard = (blocks: readonly number[]) =>
      swapped(
        new SwappableEngine(engineOf(lateGain(0.5, 77)), options),
        engineOf(lateGain(0.25, 77)),
        blocks,
      );
    const y = heard([MAX_FRAMES]);
    const from = FADES + 77;
    expectSame(y, (n) => 0.5 * at(n - 77), 0, from);
    expectSame(y, (n) => (0.5 - 0.25 * share(n - from)) * at(n - 77), from, from + FADE, 1e-7);
    for (const blocks of [[128], [1], [500, 12]]) expectSame(heard(blocks), (n) => y[n], 0, x.length);
  });

  test("is told when it is over, and what is not run any more", () => {
    const [first, second] = [engineOf(lateGain(1)), engineOf(lateGain(1))];
    const told: [string, Engine][] = [];
    const swap = new SwappableEngine(first, {
      ...options,
      onSwapped: (engine) => told.push(["swapped", engine]),
      onRetired: (engine) => told.push(["retired", engine]),
    });
    swapped(swap, second);
    expect(told.map(([what]) => what)).toEqual(["retired", "swapped"]);
    expect(told[0][1] === first && told[1][1] === second).toBe(true);
    expect(swap.engines).toHaveLength(1);
  });

  test("of other ports or blocks is refused with both", () => {
    const swap = new SwappableEngine(engineOf(lateGain(1)), options);
    const other = engineOf(lateGain(1));
    const strange = { ...other, maxFrames: 64 } as unknown as Engine;
    expect(() => swap.swapTo(strange)).toThrow("blocks of 64 frames, not 512");
    const wide = { ...other, inputs: new Map([["in", [x, x]]]), maxFrames: MAX_FRAMES } as unknown as Engine;
    expect(() => swap.swapTo(wide)).toThrow("the inputs of the new engine are in (2), those heard in (1)");
  });
});

describe("a swap to a plugin of another latency", () => {
  test.each([
    [0, 300],
    [300, 0],
    [0, 1000],
    [700, 699],
  ])(
    "from %d to %d frames does not move the song, where that latency was asked for at the start",
    (from, to) => {
      const swap = new SwappableEngine(engineOf(lateGain(1, from)), { ...options, latencyFrames: 1000 });
      const y = swapped(swap, engineOf(lateGain(1, to)), [480, 32]);
      expect(swap.latencyFrames).toBe(1000);
      expectSame(y, (n) => at(n - 1000), 0, x.length);
    },
  );

  test("holds an earlier one back, and keeps the latency", () => {
    const swap = new SwappableEngine(engineOf(lateGain(1, 300)), options);
    const y = swapped(swap, engineOf(lateGain(1, 20)));
    expect(swap.latencyFrames).toBe(300);
    expectSame(y, (n) => at(n - 300), 0, x.length);
  });

  test("lets the song step back where a later one was not reckoned with, once, across the fade", () => {
    const swap = new SwappableEngine(engineOf(lateGain(1, 20)), options);
    const y = swapped(swap, engineOf(lateGain(1, 300)));
    expect(swap.latencyFrames).toBe(300);
    const from = FADES + 300;
    expectSame(y, (n) => at(n - 20), 0, from);
    expectSame(y, (n) => at(n - 20) + (at(n - 300) - at(n - 20)) * share(n - from), from, from + FADE, 1e-7);
    expectSame(y, (n) => at(n - 300), from + FADE, x.length);
  });
});

describe("swaps in quick succession", () => {
  test("drop what was not heard yet, and finish a fade first", () => {
    const told: Engine[] = [];
    const [a, b, c, d, e] = [1, 0.5, 0.25, 0.125, 0.0625].map((gain) => engineOf(lateGain(gain)));
    const swap = new SwappableEngine(a, { ...options, onRetired: (engine) => told.push(engine) });
    // b is dropped before it is heard. The fade to c begins at 1024 + 24000, while it lasts d and e come.
    const fades = 2 * MAX_FRAMES + PRIMING;
    const plan = new Map([
      [MAX_FRAMES, b],
      [2 * MAX_FRAMES, c],
      [49 * MAX_FRAMES, d],
      [50 * MAX_FRAMES, e],
    ]);
    const long = noise(120 * MAX_FRAMES, 2);
    const y = through(swap, long, undefined, (frame) => {
      const next = plan.get(frame);
      if (next) swap.swapTo(next);
    });
    expect(told.map((engine) => [a, b, c, d, e].indexOf(engine))).toEqual([1, 3, 0, 2]);
    expectSame(y, (n) => long[n], 0, fades);
    expectSame(y, (n) => 0.25 * long[n], fades + FADE, fades + PRIMING);
    expectSame(y, (n) => 0.0625 * long[n], fades + 2 * FADE + MAX_FRAMES + PRIMING, long.length);
  });

  test("never make a step larger than those of the sound and of the fade", () => {
    const amplitude = 0.5;
    const hz = 220;
    const tone = sine(240_000, hz, RATE_HZ, amplitude);
    // Each engine's own step, and the largest difference of two times the steepest part of the fade, 1.5 / FADE.
    const bound = (2 * Math.PI * hz * amplitude) / RATE_HZ + (2 * amplitude * 1.5) / FADE + 1e-6;
    const engine = fc.record({
      gain: fc.double({ min: -1, max: 1, noNaN: true }),
      latency: fc.integer({ min: 0, max: 400 }),
      afterBlocks: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 185, max: 200 })),
    });
    fc.assert(
      fc.property(fc.array(engine, { minLength: 1, maxLength: 8 }), (swaps) => {
        const swap = new SwappableEngine(engineOf(lateGain(1)), { ...options, latencyFrames: 400 });
        const when = new Map<number, typeof swaps>();
        let block = 8;
        for (const next of swaps) {
          block += next.afterBlocks;
          when.set(128 * block, [...(when.get(128 * block) ?? []), next]);
        }
        const y = through(swap, tone, [128], (frame) => {
          for (const { gain, latency } of when.get(frame) ?? [])
            swap.swapTo(engineOf(lateGain(gain, latency)));
        });
        for (let n = 1; n < y.length; n++) {
          if (Math.abs(y[n] - y[n - 1]) > bound)
            throw new Error(`a step of ${Math.abs(y[n] - y[n - 1])} at frame ${n}, allowed ${bound}`);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("a swap under way", () => {
  test("allocates nothing: not while it primes, fades, or is over", () => {
    const swap = new SwappableEngine(engineOf(lateGain(0.5, 64)), { ...options, latencyFrames: 1000 });
    swap.inputs.get("in")![0].set(noise(MAX_FRAMES, 3));
    const bytesOf = (blocks: number, frames: number) =>
      bytesAllocatedBy(() => {
        for (let k = 0; k < blocks; k++) swap.run(frames);
      });
    // Half a second and the latency in blocks of 8 frames, the fade in blocks of one.
    const priming = (RATE_HZ / 2 + 1000) / 8;
    const best = [priming, FADE, priming].map(() => Number.POSITIVE_INFINITY);
    for (let attempt = 0; attempt < 6; attempt++) {
      const next = engineOf(lateGain(0.5, 64));
      // V8 boxes numbers on the way out of a WebAssembly instance until that has run for a while.
      for (let k = 0; k < 4000; k++) next.run(8);
      swap.swapTo(next);
      const bytes = [bytesOf(priming, 8), bytesOf(FADE, 1), bytesOf(priming, 8)];
      expect(swap.engines[0] === next).toBe(true);
      bytes.forEach((count, i) => {
        best[i] = Math.min(best[i], count);
      });
    }
    expect(best[0]).toBeLessThanOrEqual(4 * priming);
    expect(best[1]).toBeLessThanOrEqual(4 * FADE);
    expect(best[2]).toBeLessThanOrEqual(4 * priming);
  });
});
