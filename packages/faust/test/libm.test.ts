import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

type Libm = Record<string, (x: number, y?: number) => number>;

const module = new WebAssembly.Module(readFileSync(new URL("../dist/adapter.wasm", import.meta.url)));
const none = () => {};
const libm = new WebAssembly.Instance(module, { faust: { compute: none, init: none, instanceInit: none } })
  .exports as unknown as Libm;

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

/** ISO C17, 7.12 and annex F.10: argument or arguments, and the value. */
const C: Readonly<Record<string, readonly (readonly number[])[]>> = {
  round: [
    [0.5, 1],
    [-0.5, -1],
    [-2.5, -3],
    [2.5, 3],
    [2.4, 2],
    [-0.2, -0],
    [0.2, 0],
    [inf, inf],
    [4503599627370497, 4503599627370497],
    [0.49999997, 0],
  ],
  rint: [
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, -0],
    [-1.5, -2],
    [-2.5, -2],
  ],
  copysign: [
    [0, 1, 0],
    [0, -1, -0],
    [-0, 1, 0],
    [3, -0, -3],
    [-3, 2, 3],
    [inf, -1, -inf],
  ],
  fmod: [
    [5.5, 3, 2.5],
    [-5.5, 3, -2.5],
    [5.5, -3, 2.5],
    [-6, 3, -0],
    [1, inf, 1],
    [inf, 3, nan],
    [1, 0, nan],
  ],
  remainder: [
    [5, 3, -1],
    [-5, 3, 1],
    [5, 2, 1],
    [3, 2, -1],
    [1, 2, 1],
    [2.5, 1, 0.5],
    [3.5, 1, -0.5],
    [-4, 2, -0],
    [1, inf, 1],
    [inf, 1, nan],
  ],
  pow: [
    [1, nan, 1],
    [1, inf, 1],
    [-1, inf, 1],
    [-1, -inf, 1],
    [nan, 0, 1],
    [0, -1, inf],
    [-0, -3, -inf],
    [-8, 1 / 3, nan],
    [2, 10, 1024],
    [-2, 3, -8],
    [0.5, inf, 0],
  ],
  atan2: [
    [0, -1, Math.PI],
    [-0, -1, -Math.PI],
    [0, 1, 0],
    [-0, 1, -0],
    [1, 0, Math.PI / 2],
  ],
  isnan: [
    [nan, 1],
    [1, 0],
    [inf, 0],
  ],
  isinf: [
    [inf, 1],
    [-inf, 1],
    [nan, 0],
    [0, 0],
  ],
  floor: [
    [-0.5, -1],
    [0.5, 0],
  ],
  ceil: [
    [-0.5, -0],
    [0.5, 1],
  ],
  log: [
    [0, -inf],
    [-1, nan],
    [1, 0],
  ],
  exp: [
    [-inf, 0],
    [inf, inf],
    [0, 1],
  ],
  sqrt: [
    [-0, -0],
    [4, 2],
    [-1, nan],
  ],
};

describe("has the values of C", () => {
  test.each(Object.entries(C))("%s", (name, rows) => {
    for (const [precision, round] of [
      ["", (x: number) => x],
      ["f", Math.fround],
    ] as const) {
      for (const row of rows) {
        // f32 has no such large odd number.
        if (precision === "f" && row.some((x) => Math.abs(x) > 2 ** 24 && Number.isFinite(x))) continue;
        const args = row.slice(0, -1).map(round);
        const value = libm[`_${name}${precision}`](args[0], args[1]);
        const expected = round(row.at(-1)!);
        expect(
          Object.is(value, expected),
          `${name}${precision}(${args}) is ${value}, must be ${expected}`,
        ).toBe(true);
      }
    }
  });

  test("abs of whole numbers", () => {
    expect(libm._abs(-5)).toBe(5);
    expect(libm._abs(7)).toBe(7);
  });
});

/** By how many units in the last place of `expected` the two differ. */
function ulps(value: number, expected: number, single: boolean): number {
  if (Object.is(value, expected) || (Number.isNaN(value) && Number.isNaN(expected))) return 0;
  if (!Number.isFinite(value) || !Number.isFinite(expected)) return inf;
  const exponent = Math.max(
    Math.floor(Math.log2(Math.abs(expected) || Number.MIN_VALUE)),
    single ? -126 : -1022,
  );
  return Math.abs(value - expected) / 2 ** (exponent - (single ? 23 : 52));
}

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  acos: [-1, 1],
  asin: [-1, 1],
  atan: [-1e6, 1e6],
  cos: [-1e6, 1e6],
  exp: [-80, 80],
  log: [1e-30, 1e30],
  log10: [1e-30, 1e30],
  sin: [-1e6, 1e6],
  tan: [-1e4, 1e4],
  acosh: [1, 1e6],
  asinh: [-1e6, 1e6],
  atanh: [-0.999, 0.999],
  cosh: [-80, 80],
  sinh: [-80, 80],
  tanh: [-20, 20],
};

describe("agrees with the engine's Math", () => {
  const reference = Math as unknown as Libm;

  test.each(Object.entries(ranges))(
    "%s: within 1 unit in the last place of f32, 4 of f64",
    (name, [min, max]) => {
      const within = fc.oneof(
        fc.double({ min, max, noNaN: true }),
        fc.double({ min: Math.max(min, -4), max: Math.min(max, 4), noNaN: true }),
      );
      fc.assert(
        fc.property(within, (drawn) => {
          const x = Math.min(max, Math.max(min, Math.fround(drawn)));
          expect(
            ulps(libm[`_${name}f`](Math.fround(x)), Math.fround(reference[name](Math.fround(x))), true),
            `${name}f(${x})`,
          ).toBeLessThanOrEqual(1);
          expect(
            ulps(libm[`_${name}`](drawn), reference[name](drawn), false),
            `${name}(${drawn})`,
          ).toBeLessThanOrEqual(4);
        }),
        { numRuns: 2000, seed: 1 },
      );
    },
  );

  test("pow, atan2, fmod: within 1 unit in the last place of f32", () => {
    const size = fc.float({ min: Math.fround(1e-3), max: Math.fround(1e3), noNaN: true });
    const power = fc.float({ min: -10, max: 10, noNaN: true });
    const any = fc.float({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(size, power, any, any, (x, p, a, b) => {
        expect(ulps(libm._powf(x, p), Math.fround(x ** p), true), `powf(${x}, ${p})`).toBeLessThanOrEqual(1);
        expect(
          ulps(libm._atan2f(a, b), Math.fround(Math.atan2(a, b)), true),
          `atan2f(${a}, ${b})`,
        ).toBeLessThanOrEqual(1);
        expect(ulps(libm._fmodf(a, x), Math.fround(a % x), true), `fmodf(${a}, ${x})`).toBe(0);
      }),
      { numRuns: 3000, seed: 2 },
    );
  });

  test("remainder is exact, of numbers whose quotient is small", () => {
    fc.assert(
      fc.property(fc.integer({ min: -4000, max: 4000 }), fc.integer({ min: 1, max: 300 }), (x, y) => {
        // Halves to even, by whole numbers, which are exact.
        const down = Math.floor(x / y);
        const left = x - down * y;
        const up = 2 * left > y || (2 * left === y && down % 2 !== 0);
        expect(libm._remainderf(x, y) + 0, `remainderf(${x}, ${y})`).toBe((up ? left - y : left) + 0);
      }),
      { numRuns: 2000, seed: 3 },
    );
  });
});
