/** A plugin at rest is not called, and nobody hears it: held against the same plugin that never says that it rests. */
import { readFileSync } from "node:fs";
import { type Block, type Manifest, ModulePlugin, processSetup } from "@gainstage/plugin-api";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Engine, engineUrl, type GraphDescription } from "../src/index.ts";

const RATE_HZ = 48_000;
const MAX_FRAMES = 512;
const ECHO_FRAMES = 700;
const RAMP_FRAMES = 300;
const FRAMES = 12_000;
const module = new WebAssembly.Module(readFileSync(engineUrl));

const manifest: Manifest = {
  api: "1.0",
  id: "com.example.echo",
  name: "Echo",
  vendor: "Example",
  version: "1.0.0",
  features: ["delay"],
  entry: { module: "echo.js" },
  inputs: [
    { id: "in", name: "Input", role: "main", layouts: ["stereo"] },
    { id: "key", name: "Key", role: "sidechain", layouts: ["mono"] },
  ],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo"] }],
  params: [{ id: "gain", name: "Gain", unit: "none", min: -2, max: 2, default: 0.5 }],
};

interface Told {
  /** What process() says at least. */
  readonly atLeast: number;
  /** What it puts out at rest. */
  readonly zero?: number;
  calls: number;
}

/** y = g x + x late by 700 frames + the key, where g ramps over 300 frames. */
function echo(told: Told): ModulePlugin {
  return new ModulePlugin(manifest, {
    activate() {
      const rings = [0, 1].map(() => new Float32Array(ECHO_FRAMES));
      let [head, gain, goal, left, silentFrames] = [0, Number.NaN, Number.NaN, 0, ECHO_FRAMES];
      return {
        latencyFrames: 0,
        tailFrames: ECHO_FRAMES,
        reset() {},
        process({ frames, inputs: [input, key], outputs: [output], params }: Block) {
          told.calls++;
          if (Number.isNaN(gain)) [gain, goal] = [params[0], params[0]];
          if (params[0] !== goal) [goal, left] = [params[0], RAMP_FRAMES];
          for (let i = 0; i < frames; i++) {
            if (left > 0) gain += (goal - gain) / left--;
            for (let c = 0; c < 2; c++) {
              const x = input[c][i];
              const y = gain * x + rings[c][head] + key[0][i];
              output[c][i] = y === 0 ? (told.zero ?? y) : y;
              rings[c][head] = x;
            }
            head = (head + 1) % ECHO_FRAMES;
            silentFrames = input[0][i] === 0 && input[1][i] === 0 ? silentFrames + 1 : 0;
          }
          return Math.max(told.atLeast, ECHO_FRAMES - silentFrames, left);
        },
      };
    },
  });
}

const edge = (from: string, to: string, port = "in") => ({
  from: { node: from, port: "out" },
  to: { node: to, port },
});

const graph: GraphDescription = {
  nodes: [
    { kind: "input", id: "in", channels: 2 },
    { kind: "input", id: "key", channels: 1 },
    { kind: "plugin", id: "echo", plugin: manifest.id, channels: 2, params: {} },
    { kind: "output", id: "out", channels: 2 },
  ],
  edges: [edge("in", "echo"), edge("key", "echo", "key"), edge("echo", "out")],
};

interface Song {
  /** Frames at which a sound of so many frames begins, in the input or the key. */
  readonly sounds: readonly { readonly at: number; readonly frames: number; readonly inKey: boolean }[];
  readonly changes: readonly { readonly at: number; readonly gain: number }[];
  readonly blocks: readonly number[];
  readonly silence?: number;
}

function played(song: Song, told: Told): Float32Array[] {
  const plugin = echo(told);
  const setup = processSetup(manifest, {
    sampleRateHz: RATE_HZ,
    maxFrames: MAX_FRAMES,
    connected: ["key"],
  });
  const processors = new Map([["echo", { manifest, processor: plugin.activate(setup) }]]);
  const engine = Engine.create(module, graph, { sampleRateHz: RATE_HZ, maxFrames: MAX_FRAMES, processors });
  const heard = [0, 1].map(() => new Float32Array(FRAMES));
  const sound = (at: number, inKey: boolean) => {
    const on = song.sounds.some((s) => s.inKey === inKey && at >= s.at && at < s.at + s.frames);
    return on ? Math.sin(at) : (song.silence ?? 0);
  };
  for (let done = 0, k = 0; done < FRAMES; k++) {
    const next = song.changes.map(({ at }) => at).filter((at) => at > done);
    const frames = Math.min(
      song.blocks[k % song.blocks.length],
      FRAMES - done,
      ...next.map((at) => at - done),
    );
    for (const { at, gain } of song.changes) if (at === done) engine.setParam("echo", "gain", gain);
    for (let i = 0; i < frames; i++) {
      for (const channel of engine.inputs.get("in")!) channel[i] = sound(done + i, false);
      engine.inputs.get("key")![0][i] = sound(done + i, true);
    }
    engine.run(frames);
    for (const [c, channel] of heard.entries())
      channel.set(engine.outputs.get("out")![c].subarray(0, frames), done);
    done += frames;
  }
  return heard;
}

function expectSameBits(song: Song, zero?: number): { readonly asleep: number; readonly awake: number } {
  const told = { atLeast: 0, calls: 0, ...(zero !== undefined && { zero }) };
  const always = { ...told, atLeast: 1 };
  const [asleep, awake] = [played(song, told), played(song, always)];
  for (const [c, channel] of awake.entries())
    for (let i = 0; i < FRAMES; i++)
      if (!Object.is(asleep[c][i], channel[i]))
        throw new Error(`channel ${c}, frame ${i} is ${asleep[c][i]} instead of ${channel[i]}`);
  return { asleep: told.calls, awake: always.calls };
}

const at = fc.nat({ max: FRAMES - 1 });
const songs: fc.Arbitrary<Song> = fc.record({
  sounds: fc.array(fc.record({ at, frames: fc.integer({ min: 1, max: 2000 }), inKey: fc.boolean() }), {
    maxLength: 4,
  }),
  changes: fc.uniqueArray(fc.record({ at, gain: fc.double({ min: -2, max: 2, noNaN: true }) }), {
    maxLength: 4,
    selector: (change) => change.at,
  }),
  blocks: fc.array(fc.integer({ min: 1, max: MAX_FRAMES }), { minLength: 1, maxLength: 5 }),
});

test("a plugin that may sleep sounds, to the bit, as one that never does, whatever comes and moves", () => {
  fc.assert(
    fc.property(songs, (song) => {
      expectSameBits(song);
    }),
    { numRuns: 150 },
  );
});

describe("is called", () => {
  const blocks = [100];

  test("no more after its tail, and the two calls that show its rest", () => {
    // Sound to 1000, echo to 1700: 17 blocks; then one in which it says so, and one that it spends at rest.
    const { asleep, awake } = expectSameBits({
      sounds: [{ at: 0, frames: 1000, inKey: false }],
      changes: [],
      blocks,
    });
    expect([asleep, awake]).toEqual([18, 120]);
  });

  test("again when a sound comes in at the sidechain alone", () => {
    const { asleep } = expectSameBits({
      sounds: [{ at: 6000, frames: 50, inKey: true }],
      changes: [],
      blocks,
    });
    // Two at the start, the block with the sound, and one at rest.
    expect(asleep).toBe(2 + 1 + 1);
  });

  test("again when a parameter moves, until it has arrived", () => {
    const { asleep } = expectSameBits({ sounds: [], changes: [{ at: 6000, gain: 1 }], blocks });
    // Two at the start; three blocks of ramp, and one at rest.
    expect(asleep).toBe(2 + 3 + 1);
  });

  test("all the time for -0, which is silence of another kind", () => {
    const { asleep, awake } = expectSameBits({ sounds: [], changes: [], blocks, silence: -0 });
    expect(asleep).toBe(awake);
  });

  test("all the time if it puts out something at rest", () => {
    for (const zero of [-0, 1e-9]) {
      const { asleep, awake } = expectSameBits({ sounds: [], changes: [], blocks }, zero);
      expect(asleep).toBe(awake);
    }
  });
});
