import { createHash } from "node:crypto";
import type { GraphDescription, GraphEdge, GraphNode } from "@gainstage/graph";
import { describe, expect, test } from "vitest";
import { createHost, sharedChannel } from "../src/index.ts";

const RATE = 48_000;
const FRAMES = 30_011;
const host = createHost();

function noise(seed: number): Float32Array {
  const channel = sharedChannel(FRAMES);
  let state = seed;
  for (let i = 0; i < FRAMES; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    channel[i] = (state / 2 ** 31) * 0.5 * Math.abs(Math.sin(i / 3000));
  }
  return channel;
}

const edge = (from: string, to: string, port = "in"): GraphEdge => ({
  from: { node: from, port: "out" },
  to: { node: to, port },
});

/** Four strips with lookahead compressors, one keyed by another strip, faders and pans in motion, a bus, a master. */
function mix(): GraphDescription {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  for (let k = 0; k < 4; k++) {
    nodes.push(
      { kind: "input", id: `in${k}`, channels: k % 2 === 0 ? 1 : 2 },
      {
        kind: "plugin",
        id: `comp${k}`,
        plugin: "dev.gainstage.compressor",
        channels: k % 2 === 0 ? 1 : 2,
        params: { thresholdDb: -30, lookaheadMs: k, attackMs: 1 },
      },
      { kind: "gain", id: `fader${k}`, channels: k % 2 === 0 ? 1 : 2, gainDb: -3 * k, invert: k === 3 },
      { kind: "pan", id: `pan${k}`, channels: k % 2 === 0 ? 1 : 2, pan: -0.6 + 0.4 * k, law: "-3dB" },
      { kind: "send", id: `send${k}`, channels: 2, gainDb: -12 },
    );
    edges.push(edge(`in${k}`, `comp${k}`), edge(`comp${k}`, `fader${k}`), edge(`fader${k}`, `pan${k}`));
    edges.push(edge(`pan${k}`, `send${k}`), edge(`pan${k}`, "master"), edge(`send${k}`, "bus"));
  }
  nodes.push(
    { kind: "sum", id: "bus", channels: 2 },
    {
      kind: "plugin",
      id: "busComp",
      plugin: "dev.gainstage.compressor",
      channels: 2,
      params: { thresholdDb: -40, lookaheadMs: 5, mixPercent: 50 },
    },
    { kind: "sum", id: "master", channels: 2 },
    { kind: "meter", id: "meter", channels: 2 },
    { kind: "output", id: "mix", channels: 2 },
  );
  edges.push(edge("bus", "busComp"), edge("pan0", "busComp", "sidechain"), edge("busComp", "master"));
  edges.push(edge("master", "meter"), edge("meter", "mix"));
  return {
    nodes,
    edges,
    lanes: [
      {
        node: "fader0",
        param: "gainDb",
        points: [
          { frame: 100, value: null, curve: "hold" },
          { frame: 1000, value: -40, curve: "linear" },
          { frame: 9001, value: 0, curve: "s-curve" },
          { frame: 20_000, value: -6, curve: "linear" },
        ],
      },
      {
        node: "pan1",
        param: "pan",
        points: [
          { frame: 0, value: -1, curve: "linear" },
          { frame: 25_000, value: 1, curve: "linear" },
        ],
      },
      {
        node: "comp2",
        param: "thresholdDb",
        points: [
          { frame: 777, value: -10, curve: "linear" },
          { frame: 12_345, value: -50, curve: "exponential" },
          { frame: 20_000, value: -5, curve: "linear" },
        ],
      },
      { node: "busComp", param: "makeupDb", points: [{ frame: 5000, value: 6, curve: "hold" }] },
    ],
  };
}

const sources = new Map(
  [0, 1, 2, 3].map((k) => [`in${k}`, k % 2 === 0 ? [noise(k + 1)] : [noise(k + 1), noise(k + 9)]]),
);

function rms(channel: Float32Array): number {
  return Math.sqrt(channel.reduce((sum, x) => sum + x * x, 0) / channel.length);
}

async function digest(blockFrames: number, jobs: number): Promise<string> {
  const { outputs, frames } = await host.renderer.render({
    graph: mix(),
    sampleRateHz: RATE,
    frames: FRAMES,
    sources,
    blockFrames,
    jobs,
  });
  expect(frames).toBe(FRAMES);
  for (const channel of outputs.get("mix")!) expect(rms(channel), "the mix sounds").toBeGreaterThan(0.01);
  const hash = createHash("sha256");
  for (const channel of outputs.get("mix")!) hash.update(new Uint8Array(channel.slice().buffer));
  return hash.digest("hex");
}

describe("an offline render", () => {
  test("has the same bits for every block size, with automation running", async () => {
    const expected = await digest(512, 1);
    for (const block of [1, 7, 64, 128, 333, 1024, 8192])
      expect(await digest(block, 1), `block ${block}`).toBe(expected);
  });

  test("has the same bits for one to four jobs, and twice in a row on the same threads", async () => {
    const expected = await digest(512, 1);
    expect(await digest(512, 1)).toBe(expected);
    expect(await digest(512, 2)).toBe(expected);
    expect(await digest(512, 2)).toBe(expected);
    expect(await digest(333, 3)).toBe(expected);
    expect(await digest(2048, 4)).toBe(expected);
  });
});

test("a lane over choices steps from one to the next, and one beyond its range ends at it", async () => {
  const render = async (lanes: GraphDescription["lanes"]) => {
    const { outputs } = await host.renderer.render({
      graph: { ...mix(), lanes: lanes! },
      sampleRateHz: RATE,
      frames: FRAMES,
      sources,
    });
    return createHash("sha256")
      .update(new Uint8Array(outputs.get("mix")![0].slice().buffer))
      .digest("hex");
  };
  const detector = (curve: "linear" | "hold") => [
    {
      node: "busComp",
      param: "detector",
      points: [
        { frame: 0, value: 0, curve },
        { frame: 20_000, value: 1, curve },
      ],
    },
  ];
  const threshold = (value: number) => [
    { node: "busComp", param: "thresholdDb", points: [{ frame: 0, value, curve: "hold" as const }] },
  ];
  expect(await render(detector("linear"))).toBe(await render(detector("hold")));
  expect(await render(threshold(-900))).toBe(await render(threshold(-60)));
  expect(await render(threshold(-60))).not.toBe(await render(threshold(0)));
});
