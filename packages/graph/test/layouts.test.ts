/** What an edge between layouts does, against ITU-R BS.775-3, Annex 4, and by ear for what it leaves open. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Engine, engineUrl, type GraphDescription, GraphError, mixMatrix } from "../src/index.ts";

const module = new WebAssembly.Module(readFileSync(engineUrl));
/** -3 dB. */
const q = Math.SQRT1_2;

function expectMatrix(from: number, to: number, expected: readonly (readonly number[])[]): void {
  const matrix = mixMatrix(from, to);
  expect(matrix.length).toBe(to);
  for (const [r, row] of expected.entries())
    for (const [c, gain] of row.entries())
      expect(matrix[r][c], `row ${r}, column ${c}`).toBeCloseTo(gain, 12);
}

describe("down-mix", () => {
  test("of 3/2 to stereo is that of BS.775-3, table 2, without the LFE", () => {
    expectMatrix(6, 2, [
      [1, 0, q, 0, q, 0],
      [0, 1, q, 0, 0, q],
    ]);
  });
  test("of 3/2 to mono is half the sum of that: BS.775-3, table 2, 3 dB lower", () => {
    expectMatrix(6, 1, [[0.5, 0.5, q, 0, q / 2, q / 2]]);
  });
  test("of stereo to mono is half the sum", () => expectMatrix(2, 1, [[0.5, 0.5]]));
  test("of 7.1 to 5.1 takes side and rear surrounds to the one that is there", () => {
    expectMatrix(8, 6, [
      [1, 0, 0, 0, 0, 0, 0, 0],
      [0, 1, 0, 0, 0, 0, 0, 0],
      [0, 0, 1, 0, 0, 0, 0, 0],
      [0, 0, 0, 1, 0, 0, 0, 0],
      [0, 0, 0, 0, q, 0, q, 0],
      [0, 0, 0, 0, 0, q, 0, q],
    ]);
  });
  test("of 7.1.4 to stereo leaves the LFE out alone and keeps left and right apart", () => {
    const [left, right] = mixMatrix(12, 2);
    expect(left[3] + right[3]).toBe(0);
    // Left height in front, left height behind over the rear surround.
    expect([left[8], left[10]].map((gain) => gain.toFixed(6))).toEqual([q, q ** 3].map((g) => g.toFixed(6)));
    for (const c of [0, 4, 6, 8, 10]) expect(right[c]).toBe(0);
    for (const c of [1, 5, 7, 9, 11]) expect(left[c]).toBe(0);
  });
});

describe("up-mix", () => {
  test("of mono goes to the centre, or where there is none to both sides", () => {
    expectMatrix(1, 6, [[0], [0], [1], [0], [0], [0]]);
    expectMatrix(1, 2, [[1], [1]]);
    expectMatrix(1, 4, [[1], [1], [0], [0]]);
  });
  test("of 5.1 to 7.1 keeps every channel, surrounds at the sides", () => {
    const matrix = mixMatrix(6, 8);
    const where = [0, 1, 2, 3, 4, 5].map((c) => matrix.findIndex((row) => row[c] === 1));
    expect(where).toEqual([0, 1, 2, 3, 4, 5]);
    expect(matrix[6].concat(matrix[7]).every((gain) => gain === 0)).toBe(true);
  });
});

test("nothing is lost but the LFE, and no speaker is louder than it was", () => {
  const layouts = [1, 2, 3, 4, 6, 8, 12];
  for (const from of layouts) {
    for (const to of layouts) {
      const matrix = mixMatrix(from, to);
      for (let c = 0; c < from; c++) {
        const power = matrix.reduce((sum, row) => sum + row[c] ** 2, 0);
        const isLfe = c === 3 && from >= 6;
        if (!isLfe) expect(power, `${from} to ${to}, channel ${c}`).toBeGreaterThan(0);
        // Mono on two sides is the one that gains, as everybody pans it.
        expect(power, `${from} to ${to}, channel ${c}`).toBeLessThanOrEqual(from === 1 ? 2 : 1 + 1e-12);
      }
    }
  }
});

test("channels without a place go by their number", () => {
  expectMatrix(5, 2, [
    [1, 0, 0, 0, 0],
    [0, 1, 0, 0, 0],
  ]);
});

const edge = (from: string, to: string, mix?: readonly (readonly number[])[]) => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
  ...(mix && { mix }),
});

test("an edge with a matrix of its own mixes by it, and what it leaves out is silent", () => {
  const graph: GraphDescription = {
    nodes: [
      { kind: "input", id: "in", channels: 2 },
      { kind: "output", id: "out", channels: 3 },
    ],
    edges: [
      edge("in", "out", [
        [0, 1],
        [0, 0],
        [0.5, -2],
      ]),
    ],
  };
  const engine = Engine.create(module, graph, { sampleRateHz: 48_000, maxFrames: 8, processors: new Map() });
  engine.inputs.get("in")![0].fill(3);
  engine.inputs.get("in")![1].fill(5);
  engine.run(8);
  expect(engine.outputs.get("out")!.map((channel) => channel[7])).toEqual([5, 0, -8.5]);
});

test("a matrix of another shape, and an echo without length, are refused with their edge", () => {
  const nodes = [
    { kind: "input", id: "in", channels: 2 },
    { kind: "sum", id: "sum", channels: 1 },
  ] as const;
  const create = (graph: GraphDescription) => () =>
    Engine.create(module, graph, { sampleRateHz: 48_000, maxFrames: 8, processors: new Map() });
  const refusal = /edge in:out -> sum:in: mix must be 1 rows of 2 numbers/;
  expect(create({ nodes, edges: [edge("in", "sum", [[1], [1]])] })).toThrow(refusal);
  expect(create({ nodes, edges: [edge("in", "sum", [[1, Number.NaN]])] })).toThrow(GraphError);
  const back = { ...edge("sum", "sum"), feedbackFrames: 0 };
  expect(create({ nodes, edges: [back] })).toThrow(
    /sum:out -> sum:in: feedbackFrames must be a whole number/,
  );
});
