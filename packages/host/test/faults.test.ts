/** A plugin that fails while it runs is faded out; everything else goes on to the bit. */
import type { GraphDescription, GraphNode, RuntimeFault } from "@gainstage/graph";
import { passThrough } from "@gainstage/plugin-api/test/wasm-bytes.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { createHost, type Host, type Rendered, sharedChannel } from "../src/index.ts";
import { entry, FAILS_AT, FAILURES, type Failure } from "./failing-plugins.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const RATE_HZ = 48_000;
const FRAMES = 20_000;
const BLOCK = 128;
const FAULT_FRAME = Math.floor(FAILS_AT / BLOCK) * BLOCK;
const FADE_FRAMES = 240;

const folders = new PluginFolders();

let host: Host;
beforeAll(() => {
  for (const onFault of ["bypass", "silence"] as const) {
    for (const latency of [0, 100]) {
      for (const [name, failure] of Object.entries(FAILURES)) {
        const id = `com.example.${name}-${onFault}-${latency}`;
        folders.add(id, moduleManifest(id, { onFault }), { "entry.js": entry(latency, failure) });
      }
    }
  }
  const last = moduleManifest("com.example.last");
  folders.add("last", last, { "entry.js": entry(0, FAILURES.throws, FRAMES - 1) });
  const wasm = moduleManifest("com.example.trap", { entry: { wasm: "trap.wasm" } });
  const bytes = passThrough({ trapAfterCalls: FAULT_FRAME / BLOCK, latencyFrames: 0, trapIn: "destroy" });
  folders.add("trap", wasm, { "trap.wasm": bytes });
  host = createHost({ pluginFolders: [folders.root], trustModules: true });
});

function sine(frequencyHz: number, phase: number): Float32Array {
  const channel = sharedChannel(FRAMES);
  const step = (2 * Math.PI * frequencyHz) / RATE_HZ;
  for (let i = 0; i < FRAMES; i++) channel[i] = 0.5 * Math.sin(phase + step * i);
  return channel;
}

const LOW_HZ = 110;
const sources = new Map([
  ["in", [sine(LOW_HZ, 0.3), sine(LOW_HZ, 1.9)]],
  ["clean", [sine(997, 0), sine(313, 1)]],
]);
const edge = (from: string, to: string) => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});

/** Two branches: in ─▶ bad ─▶ wet, and clean ─▶ compressor ─▶ fader in motion ─▶ dry. */
function graph(plugin: string | undefined, lane = false): GraphDescription {
  const bad: GraphNode[] = plugin
    ? [
        { kind: "input", id: "in", channels: 2 },
        { kind: "plugin", id: "bad", plugin, channels: 2, params: {} },
        // Heavy enough to be the part that goes to the worker first.
        { kind: "gain", id: "after", channels: 2, gainDb: 0 },
        { kind: "meter", id: "meter", channels: 2 },
        { kind: "output", id: "wet", channels: 2 },
      ]
    : [];
  return {
    nodes: [
      ...bad,
      { kind: "input", id: "clean", channels: 2 },
      {
        kind: "plugin",
        id: "comp",
        plugin: "dev.gainstage.compressor",
        channels: 2,
        params: { thresholdDb: -30 },
      },
      { kind: "gain", id: "fader", channels: 2, gainDb: 0 },
      { kind: "output", id: "dry", channels: 2 },
    ],
    edges: [
      ...(plugin
        ? [edge("in", "bad"), edge("bad", "after"), edge("after", "meter"), edge("meter", "wet")]
        : []),
      ...[edge("clean", "comp"), edge("comp", "fader"), edge("fader", "dry")],
    ],
    lanes: [
      {
        node: "fader",
        param: "gainDb",
        points: [
          { frame: 0, value: -30, curve: "linear" },
          { frame: 15_000, value: 0, curve: "hold" },
        ],
      },
      ...(lane
        ? [
            {
              node: "bad",
              param: "amount",
              points: [
                { frame: 0, value: 0, curve: "linear" as const },
                { frame: FRAMES, value: 1, curve: "hold" as const },
              ],
            },
          ]
        : []),
    ],
  };
}

interface Run extends Rendered {
  readonly events: readonly RuntimeFault[];
}

async function render(plugin: string | undefined, jobs = 1, lane = false): Promise<Run> {
  const events: RuntimeFault[] = [];
  const listen = (fault: RuntimeFault) => events.push(fault);
  host.events.on("fault", listen);
  const rendered = await host.renderer.render({
    graph: graph(plugin, lane),
    sampleRateHz: RATE_HZ,
    frames: FRAMES,
    sources,
    blockFrames: BLOCK,
    jobs,
  });
  host.events.off("fault", listen);
  return { ...rendered, events };
}

/** Names the first frame from `from` on at which the two differ by a bit. */
function expectSame(actual: readonly Float32Array[], expected: readonly Float32Array[], from = 0): void {
  for (const [c, channel] of expected.entries()) {
    for (let i = from; i < channel.length; i++) {
      if (Object.is(actual[c][i], channel[i])) continue;
      expect.fail(`channel ${c} differs at frame ${i}: ${actual[c][i]} instead of ${channel[i]}`);
    }
  }
}

/** What is heard around a fault at engine frame `fault`, of half a sine `latency` frames late. */
function expectFaded(
  wet: readonly Float32Array[],
  onFault: "bypass" | "silence",
  fault: number,
  latency: number,
) {
  const source = sources.get("in")!;
  const faded = fault - latency + FADE_FRAMES;
  expectSame(
    wet.map((c) => c.subarray(0, fault - latency)),
    source.map((c) => c.map((x) => 0.5 * x).subarray(0, fault - latency)),
  );
  expectSame(wet, onFault === "bypass" ? source : source.map((c) => new Float32Array(c.length)), faded);
  // A sine of amplitude 0.5 moves by 0.5 ω a frame, and the fade by at most what it has to cover in 240 frames.
  const largestStep = (0.5 * 2 * Math.PI * LOW_HZ) / RATE_HZ + (0.5 + 0.25) / FADE_FRAMES + 1e-6;
  for (const [c, channel] of wet.entries()) {
    for (let i = 1; i < channel.length; i++) {
      const step = Math.abs(channel[i] - channel[i - 1]);
      if (!(step <= largestStep)) expect.fail(`channel ${c} jumps by ${step} at frame ${i}`);
    }
  }
}

function expectOneFault(
  run: Run,
  plugin: string,
  onFault: "bypass" | "silence",
  frame = FAULT_FRAME,
): RuntimeFault {
  expect(run.faults).toEqual(run.events);
  expect(run.events).toHaveLength(1);
  const [fault] = run.events;
  expect(fault).toMatchObject({ node: "bad", plugin, heard: onFault, frame });
  expect(fault.message).toContain(`plugin ${plugin}: `);
  return fault;
}

const cases = (["bypass", "silence"] as const).flatMap((onFault) =>
  [0, 100].flatMap((latency) =>
    (Object.keys(FAILURES) as Failure[]).flatMap((failure) =>
      [1, 2].map((jobs) => ({ failure, onFault, latency, jobs })),
    ),
  ),
);

describe("the render goes on when a plugin", () => {
  let undisturbed: readonly Float32Array[];
  beforeAll(async () => {
    undisturbed = (await render(undefined)).outputs.get("dry")!;
  });

  test.each(cases)("$failure, onFault $onFault, latency $latency, jobs $jobs", async (c) => {
    const plugin = `com.example.${c.failure}-${c.onFault}-${c.latency}`;
    const run = await render(plugin, c.jobs);
    expect(run.frames).toBe(FRAMES);
    expect(run.latencyFrames).toBe(c.latency);
    expectSame(run.outputs.get("dry")!, undisturbed);
    const { code, message } = expectOneFault(run, plugin, c.onFault);
    if (c.failure === "throws")
      expect(message).toMatch(/it failed while running: out of luck on thread \d+$/);
    else if (c.failure === "throws-undefined")
      expect(message).toContain("it threw a value of type undefined");
    else expect(message).toContain("it put out a sample that is not a finite number");
    expect(code).toBe(c.failure.startsWith("throws") ? "trap" : "non-finite");
    expectFaded(run.outputs.get("wet")!, c.onFault, FAULT_FRAME, c.latency);
  });

  test.each([1, 2])("is wasm and traps, also in destroy; jobs %d", async (jobs) => {
    const run = await render("com.example.trap", jobs);
    expectSame(run.outputs.get("dry")!, undisturbed);
    const fault = expectOneFault(run, "com.example.trap", "bypass");
    expect(fault.code).toBe("trap");
    expect(fault.message).toContain("it failed while running: unreachable");
    // This one passes its input on, so a bypass changes nothing but the frames of the fade.
    expectSame(run.outputs.get("wet")!, sources.get("in")!, FAULT_FRAME + FADE_FRAMES);
  });

  test("really fails on another thread with two jobs", async () => {
    const threads = new Set<string>();
    for (const jobs of [1, 2]) {
      const { faults } = await render("com.example.throws-bypass-0", jobs);
      threads.add(faults[0].message);
    }
    expect(threads.size).toBe(2);
  });

  test.each([1, 2])("fails in the last block of all, which is still told; jobs %d", async (jobs) => {
    const run = await render("com.example.last", jobs);
    const frame = Math.floor((FRAMES - 1) / BLOCK) * BLOCK;
    expectOneFault(run, "com.example.last", "bypass", frame);
  });

  test.each(["nan", "infinity", "throws"] as const)(
    "%s in a block that automation has cut, from the start of what was lost",
    async (failure) => {
      for (const latency of [0, 100]) {
        const plugin = `com.example.${failure}-bypass-${latency}`;
        const run = await render(plugin, 1, true);
        // Automation cuts every 32 frames, counted in the song.
        const frame = failure === "throws" ? Math.floor(FAILS_AT / 32) * 32 : FAULT_FRAME;
        expectOneFault(run, plugin, "bypass", frame);
        expectFaded(run.outputs.get("wet")!, "bypass", frame, latency);
      }
    },
  );
});

test("what is not finite in a source is silenced at the first plugin, which is told", async () => {
  const left = sine(LOW_HZ, 0);
  left[7000] = Number.NaN;
  const { outputs, faults } = await host.renderer.render({
    graph: {
      nodes: [
        { kind: "input", id: "in", channels: 2 },
        { kind: "plugin", id: "comp", plugin: "dev.gainstage.compressor", channels: 2, params: {} },
        { kind: "output", id: "out", channels: 2 },
      ],
      edges: [edge("in", "comp"), edge("comp", "out")],
    },
    sampleRateHz: RATE_HZ,
    frames: FRAMES,
    sources: new Map([["in", [left, sine(LOW_HZ, 0)]]]),
  });
  expect(faults).toHaveLength(1);
  for (const channel of outputs.get("out")!) expect(channel.findIndex((x) => !Number.isFinite(x))).toBe(-1);
});
