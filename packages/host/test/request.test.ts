/** What a render makes of its request: sources, progress, an end before the end, mistakes. */
import { channel as diagnosticsChannel } from "node:diagnostics_channel";
import type { Worker } from "node:worker_threads";
import { type GraphDescription, GraphError } from "@gainstage/graph";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createHost,
  type Host,
  type RenderProgress,
  type RenderRequest,
  sharedChannel,
} from "../src/index.ts";
import {
  chain,
  delay,
  ECHO,
  echoNode,
  edge,
  FRAMES,
  gain,
  impulseAt,
  lookahead,
  RATE_HZ,
  request,
  sounding,
} from "./chains.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const folders = new PluginFolders();

let host: Host;
beforeAll(() => {
  folders.add("echo", moduleManifest("com.example.echo"), { "entry.js": ECHO });
  host = createHost({ pluginFolders: [folders.root], trustModules: true });
});

describe("sources", () => {
  test("of one channel are heard on both sides of a stereo graph", async () => {
    const { outputs } = await host.renderer.render(request(chain(gain)));
    expect(outputs.get("out")!.map(sounding)).toEqual([[1234], [1234]]);
  });

  test("may be shorter than the song, longer, or missing", async () => {
    const short = await host.renderer.render(
      request(chain(gain), { sources: new Map([["in", [impulseAt(5, 6)]]]) }),
    );
    expect(sounding(short.outputs.get("out")![0])).toEqual([5]);
    expect(short.frames).toBe(FRAMES);
    const long = impulseAt(99, 60_000);
    long[FRAMES] = 1;
    const cut = await host.renderer.render(request(chain(gain), { sources: new Map([["in", [long]]]) }));
    expect(sounding(cut.outputs.get("out")![0])).toEqual([99]);
    const none = await host.renderer.render(request(chain(gain), { sources: new Map() }));
    expect(sounding(none.outputs.get("out")![0])).toEqual([]);
  });

  test("need not be in shared memory, for two jobs either", async () => {
    const copied = new Map([["in", [Float32Array.from(impulseAt(77))]]]);
    const { outputs } = await host.renderer.render(request(chain(gain), { sources: copied, jobs: 2 }));
    expect(sounding(outputs.get("out")![0])).toEqual([77]);
  });
});

describe("progress", () => {
  test.each<Partial<RenderRequest>>([
    { frames: 200_000 },
    { frames: 200_000, tail: "auto" },
    { frames: 20_000, tail: "auto" },
    { frames: 70_000, jobs: 2 },
  ])("rises to the total: %j", async (changes) => {
    for (const nodes of [[gain], [lookahead, echoNode]]) await expectProgress(chain(...nodes), changes);
  });

  async function expectProgress(graph: GraphDescription, changes: Partial<RenderRequest>): Promise<void> {
    const told: RenderProgress[] = [];
    const listen = (progress: RenderProgress) => told.push(progress);
    host.events.on("progress", listen);
    await host.renderer.render(request(graph, changes));
    host.events.off("progress", listen);
    for (const [i, { framesDone, framesTotal }] of told.entries()) {
      expect(framesTotal).toBe(changes.frames);
      if (i > 0) expect(framesDone).toBeGreaterThanOrEqual(told[i - 1].framesDone);
    }
    expect(told.at(-1)?.framesDone).toBe(changes.frames);
    // About once a second of audio.
    expect(told.length).toBeGreaterThan(Math.floor(changes.frames! / RATE_HZ));
  }

  test.each([64, undefined])(
    "meters are told for the nodes that are watched, blocks of %s",
    async (blockFrames) => {
      const frames: number[] = [];
      host.events.on("meters", ({ node, frame, values }) => {
        expect(node).toBe("comp");
        expect(values).toHaveLength(1);
        frames.push(frame);
      });
      await host.renderer.render(
        request(chain(lookahead), {
          frames: RATE_HZ,
          watch: ["comp"],
          jobs: 2,
          ...(blockFrames && { blockFrames }),
        }),
      );
      host.events.removeAllListeners("meters");
      expect(frames.length).toBeGreaterThan(90);
      expect(frames.length).toBeLessThanOrEqual(101);
      expect(frames.every((f, i) => i === 0 || f > frames[i - 1])).toBe(true);
    },
  );
});

describe("an aborted render", () => {
  test.each([1, 2])("rejects with the signal's reason and leaves no thread, jobs %d", async (jobs) => {
    const started: Worker[] = [];
    const note = (message: unknown) => started.push((message as { worker: Worker }).worker);
    const channel = diagnosticsChannel("worker_threads");
    channel.subscribe(note);
    const controller = new AbortController();
    const reason = new Error("the user has thought again");
    host.events.once("progress", () => controller.abort(reason));
    const sources = new Map([["in", [sharedChannel(10_000_000)]]]);
    const rendering = host.renderer.render(
      request(chain(echoNode), { frames: 10_000_000, sources, jobs, signal: controller.signal }),
    );
    await expect(rendering).rejects.toBe(reason);
    channel.unsubscribe(note);
    // One thread makes the render, and others its parts; of those inside it, this one hears nothing.
    expect(started.length).toBeLessThanOrEqual(1);
    for (const worker of started) expect(worker.threadId, "of a thread that has ended").toBe(-1);
    expect((await host.renderer.render(request(chain(gain)))).frames).toBe(FRAMES);
  });

  test("rejects at once if it was aborted before", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(host.renderer.render(request(chain(gain), { signal }))).rejects.toThrow("too late");
  });
});

describe("a thread that ends by itself", () => {
  test("makes the render fail, not wait for ever", async () => {
    const exits = "if (!isMainThread) process.exit(0);";
    folders.add("leaver", moduleManifest("com.example.leaver"), {
      "entry.js": `import { isMainThread } from "node:worker_threads";\n${exits}\nexport default { activate() {
        return { latencyFrames: 0, tailFrames: 0, reset() {}, process: () => 0 }; } };`,
    });
    const own = createHost({ pluginFolders: [folders.root], trustModules: true });
    const node = { ...echoNode, plugin: "com.example.leaver" };
    await expect(own.renderer.render(request(chain(node), { jobs: 2 }))).rejects.toThrow(
      "plugin worker thread: it ended before the render was over",
    );
  });
});

describe("a bad request is a RangeError that says what is wrong:", () => {
  test.each<[Partial<RenderRequest>, string]>([
    [{ blockFrames: 0 }, "a block has 1 to 8192 frames, not 0"],
    [{ blockFrames: 8193 }, "not 8193"],
    [{ blockFrames: 1.5 }, "not 1.5"],
    [{ jobs: 0 }, "jobs are 1 to 64, not 0"],
    [{ jobs: Number.NaN }, "not NaN"],
    [{ sampleRateHz: Number.NaN }, "the sample rate must be 8000 to 768000 Hz, not NaN"],
    [{ sampleRateHz: 44.1 }, "not 44.1"],
    [{ frames: -1 }, "-1 is not a number of frames"],
    [{ frames: Number.NaN }, "NaN is not a number of frames"],
    [{ tail: "auto", longestTailFrames: Number.NaN }, "a whole number of frames, not NaN"],
    [{ sources: new Map([["in", []]]) }, 'the source of "in" has no channel'],
  ])("%j", async (changes, message) => {
    const rendering = host.renderer.render(request(chain(gain), changes));
    await expect(rendering).rejects.toThrow(RangeError);
    await expect(host.renderer.render(request(chain(gain), changes))).rejects.toThrow(message);
  });

  test("and a bad graph a GraphError, a bad parameter a PluginFault", async () => {
    const loop = chain(gain, delay(5));
    const bad = { ...loop, edges: [...loop.edges, edge("delay", "gain")] };
    await expect(host.renderer.render(request(bad))).rejects.toThrow(GraphError);
    const loud = { ...lookahead, params: { thresholdDb: 99 } };
    await expect(host.renderer.render(request(chain(loud)))).rejects.toThrow("thresholdDb cannot be 99");
  });
});

test("more sound than memory holds is refused in words", () => {
  expect(() => sharedChannel(2 ** 50)).toThrow(/frames of sound do not fit into memory/);
});
