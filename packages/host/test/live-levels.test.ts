/** What the thread that plays tells of levels and dropouts, and that it takes no memory for it. */
import { bytesAllocatedBy, noise } from "@gainstage/conformance";
import type { GraphDescription } from "@gainstage/graph";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createHost, type MeterEvent, type PlayPosition, sharedChannel } from "../src/index.ts";
import { lengthOf, readRow } from "../src/playing/live-levels.ts";
import type { LiveMessage } from "../src/playing/live-messages.ts";
import { levelMemory, readShared } from "../src/playing/live-post.ts";
import { chain, RATE_HZ } from "./chains.ts";
import { LiveDriver, QUANTUM, songOf } from "./live-driver.ts";
import { UnhurriedSound } from "./unhurried-sound.ts";

const host = createHost();
const SECONDS = 2;
/** 100 Hz is a whole number of periods in 50 ms. */
const sine = (amplitude: number) => {
  const channel = sharedChannel(SECONDS * RATE_HZ);
  for (let i = 0; i < channel.length; i++)
    channel[i] = amplitude * Math.sin((2 * Math.PI * 100 * i) / RATE_HZ);
  return channel;
};
const sources = new Map([["in", [sine(0.5), sine(0.25)]]]);
const compressor = {
  kind: "plugin",
  id: "comp",
  plugin: "dev.gainstage.compressor",
  channels: 2,
  params: { thresholdDb: -30, ratio: 4 },
} as const;
const metered: GraphDescription = chain({ kind: "meter", id: "before", channels: 2 }, compressor);

afterEach(() => vi.unstubAllGlobals());

describe.each(["shared memory", "buffers that go to and fro"])("levels by %s", (means) => {
  async function played(graph: GraphDescription, watch: readonly string[] = []) {
    const positions: PlayPosition[] = [];
    const meters: MeterEvent[] = [];
    const own = createHost();
    own.events.on("position", (position) => positions.push(position));
    own.events.on("meters", (meter) => meters.push(meter));
    if (means !== "shared memory") vi.stubGlobal("SharedArrayBuffer", undefined);
    const playing = await own.player.play(
      { graph, output: "out", sampleRateHz: RATE_HZ, frames: SECONDS * RATE_HZ, sources, watch },
      async () => new UnhurriedSound(),
    );
    await playing.ended;
    await playing.close();
    return { positions, meters };
  }

  test("are peak and RMS of each channel since the position before", async () => {
    const { positions } = await played(chain());
    expect(positions.length).toBeGreaterThan(1);
    // The first reaches over whole blocks, 50.7 ms.
    expect(positions[0]).toMatchObject({
      frame: 19 * QUANTUM,
      isPlaying: true,
      dropouts: 0,
      droppedFrames: 0,
    });
    for (const { peaks, rms } of positions.slice(0, -1)) {
      expect(peaks[0]).toBeCloseTo(0.5, 4);
      expect(peaks[1]).toBeCloseTo(0.25, 4);
      expect(rms[0]).toBeCloseTo(0.5 * Math.SQRT1_2, 2);
      expect(rms[1]).toBeCloseTo(0.25 * Math.SQRT1_2, 2);
    }
    expect(positions.at(-1)!.frame).toBe(SECONDS * RATE_HZ);
  });

  test("come with the meters of the nodes that are watched", async () => {
    const { meters } = await played(metered, ["before", "comp"]);
    const before = meters.filter(({ node }) => node === "before");
    const [first] = before;
    expect(first.values).toHaveLength(4);
    expect(first.values[0]).toBeCloseTo(0.5, 4);
    expect(first.values[1]).toBeCloseTo(0.25, 4);
    expect(first.values[2]).toBeCloseTo(0.5 * Math.SQRT1_2, 2);
    const reductions = meters.filter(({ node }) => node === "comp").map(({ values }) => values[0]);
    // A peak at -6 dBFS is 24 dB above the threshold, of which a ratio of 4 takes 18 dB, a little less between the peaks.
    expect(Math.max(...reductions.map(Math.abs))).toBeGreaterThan(12);
    expect(Math.max(...reductions.map(Math.abs))).toBeLessThanOrEqual(18.5);
  });
});

test("a node that has no meters cannot be watched", async () => {
  const request = { graph: metered, output: "out", sampleRateHz: RATE_HZ, frames: 100, sources };
  await expect(
    host.player.play({ ...request, watch: ["in"] }, async () => new UnhurriedSound()),
  ).rejects.toThrow('the graph has no plugin or meter "in" to watch');
});

test("frames that the audio context lost between two blocks are a dropout", async () => {
  const song = songOf(host, chain(), sources);
  const { job } = song;
  const live = await LiveDriver.open(song);
  live
    .run(10)
    .run(10, 3 * QUANTUM)
    .run(10, 100)
    .run(20);
  let [dropouts, droppedFrames] = [-1, -1];
  readShared(job.levels as SharedArrayBuffer, (values) => {
    ({ dropouts, droppedFrames } = readRow(job.row, values));
  });
  expect(dropouts).toBe(1);
  live.run(30);
  readShared(job.levels as SharedArrayBuffer, (values) => {
    ({ dropouts, droppedFrames } = readRow(job.row, values));
  });
  expect([dropouts, droppedFrames]).toEqual([2, 3 * QUANTUM + 100]);
});

describe("a song that plays in a loop, with levels and meters told", () => {
  const BLOCKS = 2000;
  /** The profiler's own; one object a block would be 16 bytes or more each time. */
  const ALLOWED_BYTES = BLOCKS;
  const graph = chain(
    compressor,
    { kind: "gain", id: "fader", channels: 2, gainDb: -6 },
    {
      ...compressor,
      id: "limit",
      plugin: "dev.gainstage.limiter",
      params: {},
    },
  );
  const row = { channels: 2, watched: [{ node: "comp", count: 1 }] };
  const long = new Map([["in", [noise(480_000, 1), noise(480_000, 2)]]]);

  /** The fewest bytes that 2000 blocks take in sixty attempts: until V8 has optimised all of it, it boxes numbers. */
  async function bytesOfPlaying(levels: ReturnType<typeof levelMemory>, each: () => void): Promise<number> {
    const song = songOf(host, graph, long, { row, levels, loop: { startFrame: 5000, endFrame: 10_003 } });
    const given: ArrayBuffer[] = [];
    const { stage } = await LiveDriver.open(song, (message: LiveMessage) => {
      if (message.kind === "levels") given.push(message.buffer);
    });
    const channels = [new Float32Array(QUANTUM), new Float32Array(QUANTUM)];
    let currentFrame = 0;
    const run = () => {
      for (let k = 0; k < BLOCKS; k++) {
        stage.render(channels, currentFrame);
        currentFrame += QUANTUM;
        each();
      }
    };
    let bytes = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 60 && bytes > ALLOWED_BYTES; attempt++) {
      stage.carryOut({ kind: "seek", frame: 1000 });
      run();
      for (let buffer = given.pop(); buffer; buffer = given.pop()) stage.carryOut({ kind: "levels", buffer });
      bytes = Math.min(bytes, bytesAllocatedBy(run));
    }
    expect(Math.max(...channels[0])).toBeGreaterThan(0);
    return bytes;
  }

  test("takes no memory for a block through shared memory, however often it is read", async () => {
    const memory = levelMemory(lengthOf(row)) as SharedArrayBuffer;
    const state = new Int32Array(memory, 0, 1);
    const read = () => void Atomics.store(state, 0, 0);
    expect(await bytesOfPlaying(memory, read)).toBeLessThanOrEqual(ALLOWED_BYTES);
  });

  test("nor through buffers that are transferred", async () => {
    const pool = Array.from({ length: 200 }, () => new ArrayBuffer(8 * lengthOf(row)));
    expect(await bytesOfPlaying(pool, () => {})).toBeLessThanOrEqual(ALLOWED_BYTES);
  });

  test("would be found out if it did", async () => {
    const kept: Float32Array[] = [];
    const memory = levelMemory(lengthOf(row));
    const bytes = await bytesOfPlaying(memory, () => {
      kept[0] = new Float32Array(8);
    });
    expect(bytes).toBeGreaterThan(16 * BLOCKS);
  });
});
