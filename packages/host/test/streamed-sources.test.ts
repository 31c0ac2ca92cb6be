/** A render with sources that are read on the way, and with sound that is handed over: the same, to the bit, as the whole. */
import type { GraphDescription, GraphNode } from "@gainstage/graph";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createHost,
  type Host,
  type RenderProgress,
  type RenderRequest,
  type StreamedSource,
  sharedChannel,
} from "../src/index.ts";
import {
  chain,
  delay,
  ECHO,
  ECHO_FRAMES,
  echoNode,
  edge,
  FRAMES,
  gain,
  impulseAt,
  lookahead,
  RATE_HZ,
  request,
} from "./chains.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";
import { StreamedRecording } from "./streams.ts";

const folders = new PluginFolders();

let host: Host;
beforeAll(() => {
  folders.add("echo", moduleManifest("com.example.echo"), { "entry.js": ECHO });
  folders.add("hang", moduleManifest("com.example.hang"), {
    "entry.js": `export default { activate() { let done = 0; return {
      latencyFrames: 0, tailFrames: 0, reset() {}, process({ frames, inputs, outputs }) {
        for (const [c, out] of outputs[0].entries()) out.set(inputs[0][c].subarray(0, frames));
        done += frames; while (done > 2 * ${RATE_HZ}) {} return 0; } }; } };`,
  });
  host = createHost({ pluginFolders: [folders.root], trustModules: true });
});

function noise(seed: number, frames: number): Float32Array {
  const channel = sharedChannel(frames);
  let state = seed;
  for (let i = 0; i < frames; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    channel[i] = (state / 2 ** 31) * 0.5;
  }
  return channel;
}

/** Three strips, of which two can be parts, into one output. */
function strips(...plugins: readonly GraphNode[]): GraphDescription {
  const ids = ["a", "b", "c"];
  return {
    nodes: [
      ...ids.flatMap((id, i): GraphNode[] => [
        { kind: "input", id, channels: 2 },
        { ...(plugins[i] ?? lookahead), id: `fx-${id}` } as GraphNode,
      ]),
      { kind: "sum", id: "sum", channels: 2 },
      { kind: "output", id: "out", channels: 2 },
    ],
    edges: [...ids.flatMap((id) => [edge(id, `fx-${id}`), edge(`fx-${id}`, "sum")]), edge("sum", "out")],
  };
}

type Recordings = ReadonlyMap<string, readonly Float32Array[]>;

/** Renders whole and streamed, and expects the same bits. */
async function expectSame(recordings: Recordings, changes: Partial<RenderRequest>): Promise<number> {
  const { frames: _, ...asked } = request(strips(echoNode), { ...changes, sources: recordings });
  const whole = await host.renderer.render({ ...asked, ...changes });
  const streams = [...recordings].map(
    ([id, channels], i) => [id, new StreamedRecording(channels, { mostFrames: 5000 + 20_000 * i })] as const,
  );
  const streamed = await host.renderer.render({ ...asked, ...changes, sources: new Map(streams) });
  expectEqual(streamed.outputs.get("out")!, whole.outputs.get("out")!, JSON.stringify(changes));
  expect(streamed.frames).toBe(whole.frames);
  for (const [, { opened, closed }] of streams) expect([opened, closed]).toEqual([1, 1]);
  return whole.frames;
}

function expectEqual(made: readonly Float32Array[], expected: readonly Float32Array[], what: string): void {
  expect(made.length).toBe(expected.length);
  for (const [c, channel] of expected.entries()) {
    expect(made[c].length, `${what}, length of channel ${c}`).toBe(channel.length);
    for (let i = 0; i < channel.length; i++)
      if (made[c][i] !== channel[i]) throw new Error(`${what}: frame ${i} of channel ${c} differs`);
  }
}

const recordings = (...frames: readonly number[]): Recordings =>
  new Map(frames.map((n, i) => ["abc"[i], [noise(i + 1, n), noise(i + 11, n)]]));

describe("streamed sources sound as whole ones do", () => {
  test.each([
    { jobs: 1 },
    { jobs: 2 },
    { jobs: 4, blockFrames: 333 },
    { jobs: 2, blockFrames: 8192, tail: "auto" as const },
    { blockFrames: 1000, tail: "auto" as const, longestTailFrames: 7000 },
    { jobs: 3, frames: 100_000 },
    { frames: 250_000, tail: "auto" as const },
    { sourceFrames: 77_777, tail: "auto" as const },
    { mostFrames: 123_456 },
    { mostFrames: 300_000, jobs: 2 },
  ])("%j", async (changes) => {
    // Longer than the rings are, and of three lengths.
    await expectSame(recordings(200_000, 190_001, 12_000), changes);
  });

  test("of any length, nothing, one frame and whole pieces of the ring among them", async () => {
    const piece = RATE_HZ / 4;
    for (const [a, b, expected] of [
      [0, 0, 0],
      [1, 0, 1],
      [piece, piece, piece],
      [12 * piece, piece - 1, 12 * piece],
      [13 * piece + 1, 25 * piece, 25 * piece],
    ]) {
      const made = await expectSame(recordings(a, b), { blockFrames: 480, jobs: 2 });
      expect(made, `the song of ${a} and ${b} frames`).toBe(expected);
    }
  });

  test("at rates and in blocks of which a chunk is longer than a second", async () => {
    await expectSame(recordings(90_000, 50_000), { sampleRateHz: 8000, blockFrames: 8192, jobs: 2 });
  });

  test("of one channel on both sides, and where no node plays them, for their length alone", async () => {
    const mono = new StreamedRecording([impulseAt(77_777, 90_000)]);
    const { outputs } = await host.renderer.render(
      request(chain(gain), { sources: new Map([["in", mono]]), frames: 80_000 }),
    );
    for (const channel of outputs.get("out")!) expect(channel[77_777]).toBe(1);
    const sources = new Map([
      ["in", mono],
      ["nobody", new StreamedRecording([impulseAt(0, 300_000)])],
    ]);
    const { frames: _, ...asked } = request(chain(gain), { sources });
    expect((await host.renderer.render(asked)).frames).toBe(300_000);
  });

  test("with the latency removed, and what is in a delay waited for", async () => {
    const last = 200_000;
    const sources = new Map([["in", new StreamedRecording([impulseAt(last - 1, last)])]]);
    const { frames: _, ...asked } = request(chain(lookahead, delay(70_000)), { sources, tail: "auto" });
    const { frames, outputs } = await host.renderer.render(asked);
    expect(frames).toBe(last + 70_000);
    expect(outputs.get("out")![0].findLastIndex((x) => x !== 0)).toBe(last - 1 + 70_000);
  });
});

describe("sound that is handed over", () => {
  test.each([1, 2])("comes in order, each frame once, and the render waits for it, jobs %d", async (jobs) => {
    const sources = recordings(200_000, 100_000);
    const asked = request(strips(), { frames: 200_000, sources, jobs, tail: "auto" });
    const whole = await host.renderer.render(asked);
    const parts: Float32Array[][] = [];
    let isTaking = false;
    const outcome = await host.renderer.renderTo(asked, async (outputs, frames) => {
      expect(isTaking, "one at a time").toBe(false);
      isTaking = true;
      await new Promise((resolve) => setTimeout(resolve, 5));
      const channels = outputs.get("out")!;
      expect(channels.map((channel) => channel.length)).toEqual([frames, frames]);
      parts.push(channels.map((channel) => channel.slice()));
      isTaking = false;
    });
    const joined = [0, 1].map((c) => Float32Array.from(parts.flatMap((part) => [...part[c]])));
    expectEqual(joined, whole.outputs.get("out")!, "the parts");
    expect(outcome.frames).toBe(whole.frames);
    expect(outcome.latencyFrames).toBe(whole.latencyFrames);
  });

  test("ends with the last echo that can be heard, however long the silence before it", async () => {
    const far = delay(3 * RATE_HZ);
    const sources = new Map([["in", [impulseAt(FRAMES - 1)]]]);
    let frames = 0;
    await host.renderer.renderTo(request(chain(far, echoNode), { tail: "auto", sources }), (_, count) => {
      frames += count;
    });
    expect(frames).toBe(FRAMES + 3 * RATE_HZ + 16 * ECHO_FRAMES);
  });

  test.each([1, 2])("is each frame's once also where a plugin hangs, jobs %d", async (jobs) => {
    const hang = { ...echoNode, plugin: "com.example.hang" };
    const sound = recordings(4 * RATE_HZ, 3 * RATE_HZ);
    const asked = {
      ...request(strips(hang), { sources: sound, hangSeconds: 0.25, jobs }),
      frames: 4 * RATE_HZ,
    };
    const whole = await host.renderer.render(asked);
    expect(whole.faults.map(({ code }) => code)).toContain("hang");
    const streams = [...sound].map(([id, channels]) => [id, new StreamedRecording(channels)] as const);
    const parts: Float32Array[] = [];
    const outcome = await host.renderer.renderTo({ ...asked, sources: new Map(streams) }, (outputs) => {
      parts.push(outputs.get("out")![1].slice());
    });
    expect(outcome.faults.length).toBe(whole.faults.length);
    const joined = Float32Array.from(parts.flatMap((part) => [...part]));
    expectEqual([joined], [whole.outputs.get("out")![1]], "after a hang");
    for (const [, { opened, closed }] of streams) {
      expect(opened).toBeGreaterThan(1);
      expect(closed).toBe(opened);
    }
  });
});

describe("what fails on the way ends the render with its own words, and nothing stays open:", () => {
  const long = () => new StreamedRecording([noise(1, 600_000)]);

  test.each([1, 2])("a stream, jobs %d", async (jobs) => {
    const good = long();
    const bad = new StreamedRecording([noise(1, 600_000)], { failsAt: 400_000, mostFrames: 1000 });
    const sources = new Map([
      ["a", good],
      ["b", bad],
    ]);
    const { frames: _, ...asked } = request(strips(), { sources, jobs });
    await expect(host.renderer.render(asked)).rejects.toThrow("the disk is on fire");
    expect([good.closed, bad.closed]).toEqual([1, 1]);
    expect((await host.renderer.render(request(chain(gain)))).frames).toBe(FRAMES);
  });

  test("a source that cannot be opened", async () => {
    const other = long();
    const shut = {
      channels: 1,
      open: () => {
        throw new Error("no such tape");
      },
    };
    const sources = new Map<string, StreamedSource>([
      ["a", other],
      ["b", shut],
    ]);
    await expect(host.renderer.render(request(strips(), { sources }))).rejects.toThrow("no such tape");
    expect(other.closed).toBe(other.opened);
  });

  test("a sink, which gets nothing more after that", async () => {
    const source = long();
    let calls = 0;
    const rendering = host.renderer.renderTo(
      request(chain(gain), { sources: new Map([["in", source]]), frames: 600_000 }),
      async () => {
        if (++calls === 3) throw new Error("the disk is full");
      },
    );
    await expect(rendering).rejects.toThrow("the disk is full");
    expect(calls).toBe(3);
    expect(source.closed).toBe(1);
  });

  test("a signal", async () => {
    const source = long();
    const controller = new AbortController();
    const reason = new Error("the user has thought again");
    const rendering = host.renderer.renderTo(
      request(chain(gain), {
        sources: new Map([["in", source]]),
        frames: 600_000,
        signal: controller.signal,
      }),
      () => controller.abort(reason),
    );
    await expect(rendering).rejects.toBe(reason);
    expect(source.closed).toBe(1);
  });

  test("a source without a channel, before anything is opened", async () => {
    const none = { channels: 0, open: () => expect.unreachable() };
    await expect(
      host.renderer.render(request(chain(gain), { sources: new Map([["in", none]]) })),
    ).rejects.toThrow('the source of "in" has no channel');
  });
});

test("progress of a song of unknown length is told of the likely one, and ends at the true one", async () => {
  const told: RenderProgress[] = [];
  const listen = (progress: RenderProgress) => told.push(progress);
  host.events.on("progress", listen);
  const sources = new Map([["in", new StreamedRecording([noise(1, 300_000)])]]);
  const { frames: _, ...asked } = request(chain(gain), { sources });
  await host.renderer.render(asked);
  host.events.off("progress", listen);
  for (const { framesTotal } of told) expect(framesTotal).toBe(300_000);
  expect(told.at(-1)?.framesDone).toBe(300_000);
});
