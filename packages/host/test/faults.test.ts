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

async function render(plugin: string | undefined, jobs = 1, lane = false, hangSeconds = 5): Promise<Run> {
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
    hangSeconds,
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

/** Engine frame at which a plugin that failed in the block of `fault` runs again. */
const rebuiltAt = (fault: number) => (Math.floor(fault / BLOCK) + 1) * BLOCK;
/** The second processor fails as many frames after its own start. */
const secondFault = (first: number) => rebuiltAt(first) + first;

/**
 * What is heard, of half a sine `latency` frames late, around failures at two engine frames: a fade of 5 ms from the
 * last good sample to the dry signal, after the rebuild a fade back as soon as the latency has passed, and at the second
 * failure a fade to the dry signal for good.
 */
function expectHeard(
  wet: readonly Float32Array[],
  onFault: "bypass" | "silence",
  [first, second]: readonly [number, number],
  latency: number,
) {
  for (const [c, source] of sources.get("in")!.entries()) {
    const at = (n: number) => (n < latency ? 0 : source[n - latency]);
    const dry = (n: number) => (onFault === "bypass" ? at(n) : 0);
    const from = (last: number, fault: number, n: number) => {
      const old = Math.max(0, 1 - (n - fault) / FADE_FRAMES);
      return last * old + dry(n) * (1 - old);
    };
    const rising = (n: number) => {
      const share = Math.min(1, Math.max(0, (n - rebuiltAt(first) - latency) / FADE_FRAMES));
      return (1 - share) * from(0.5 * at(first - 1), first, n) + share * 0.5 * at(n);
    };
    for (let i = 0; i < wet[c].length; i++) {
      const n = i + latency;
      const expected = n < first ? 0.5 * at(n) : n < second ? rising(n) : from(rising(second - 1), second, n);
      if (Math.abs(wet[c][i] - expected) < 1e-6) continue;
      expect.fail(`channel ${c}, frame ${i} (engine frame ${n}): ${wet[c][i]} instead of ${expected}`);
    }
  }
}

/** The faults of a node that fails, is built anew and fails again; or of one whose song is over before that. */
function expectFaults(
  run: Run,
  plugin: string,
  onFault: "bypass" | "silence",
  frames: readonly number[],
): RuntimeFault {
  expect(run.faults).toEqual(run.events);
  expect(run.events.map(({ frame, attempt }) => ({ frame, attempt }))).toEqual(
    frames.map((frame, i) => ({ frame, attempt: i + 1 })),
  );
  for (const fault of run.events) {
    expect(fault).toMatchObject({ node: "bad", plugin, heard: onFault });
    expect(fault.message).toContain(`plugin ${plugin}: `);
  }
  return run.events[0];
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
    const frames = [FAULT_FRAME, secondFault(FAULT_FRAME)] as const;
    const { code, message } = expectFaults(run, plugin, c.onFault, frames);
    if (c.failure === "throws")
      expect(message).toMatch(/it failed while running: out of luck on thread \d+$/);
    else if (c.failure === "throws-undefined")
      expect(message).toContain("it threw a value of type undefined");
    else expect(message).toContain("it put out a sample that is not a finite number");
    expect(code).toBe(c.failure.startsWith("throws") ? "trap" : "non-finite");
    expectHeard(run.outputs.get("wet")!, c.onFault, frames, c.latency);
  });

  test.each([1, 2])("is wasm and traps, also in destroy; jobs %d", async (jobs) => {
    const run = await render("com.example.trap", jobs);
    expectSame(run.outputs.get("dry")!, undisturbed);
    const fault = expectFaults(run, "com.example.trap", "bypass", [FAULT_FRAME, secondFault(FAULT_FRAME)]);
    expect(fault.code).toBe("trap");
    expect(fault.message).toContain("it failed while running: unreachable");
    // This one passes its input on, so a bypass changes nothing but the frames of the fades.
    const second = secondFault(FAULT_FRAME);
    const between = (from: number, to: number) =>
      expectSame(
        run.outputs.get("wet")!.map((channel) => channel.subarray(from, to)),
        sources.get("in")!.map((channel) => channel.subarray(from, to)),
      );
    between(rebuiltAt(FAULT_FRAME) + FADE_FRAMES, second);
    between(second + FADE_FRAMES, FRAMES);
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
    expectFaults(run, "com.example.last", "bypass", [frame]);
  });

  test.each(["nan", "infinity", "throws"] as const)(
    "%s in a block that automation has cut, from the start of what was lost",
    async (failure) => {
      for (const latency of [0, 100]) {
        const plugin = `com.example.${failure}-bypass-${latency}`;
        const run = await render(plugin, 1, true);
        // Automation cuts every 32 frames, counted in the song.
        const frame = failure === "throws" ? Math.floor(FAILS_AT / 32) * 32 : FAULT_FRAME;
        const again = rebuiltAt(frame) + frame;
        expectFaults(run, plugin, "bypass", [frame, again]);
        expectHeard(run.outputs.get("wet")!, "bypass", [frame, again], latency);
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

describe("a call that does not end", () => {
  const hang = "for (;;);";
  const add = (name: string, source: string) => {
    const id = `com.example.${name}`;
    folders.add(id, moduleManifest(id), { "entry.js": source });
    host = createHost({ pluginFolders: [folders.root], trustModules: true });
    return id;
  };

  test.each([1, 2])("is ended, and the render is made again without it; jobs %d", async (jobs) => {
    const undisturbed = (await render(undefined)).outputs.get("dry")!;
    const id = add(`hangs-${jobs}`, entry(0, hang));
    const run = await render(id, jobs, false, 0.3);
    expectSame(run.outputs.get("dry")!, undisturbed);
    const frames = [FAULT_FRAME, secondFault(FAULT_FRAME)] as const;
    const fault = expectFaults(run, id, "bypass", frames);
    expect(fault).toMatchObject({ code: "hang" });
    expect(fault.message).toContain("its process() did not return");
    expectHeard(run.outputs.get("wet")!, "bypass", frames, 0);
  });

  test("when it is built anew leaves it off", async () => {
    const failsOnce = entry(0, 'throw new Error("once");').replace(
      "let done = 0;",
      "if (globalThis.hasFailed) for (;;); globalThis.hasFailed = true; let done = 0;",
    );
    const id = add("hangs-anew", failsOnce);
    const run = await render(id, 1, false, 0.3);
    expect(run.faults.map(({ code, attempt }) => ({ code, attempt }))).toEqual([
      { code: "trap", attempt: 1 },
      { code: "hang", attempt: 2 },
    ]);
    expectSame(run.outputs.get("wet")!, sources.get("in")!, FAULT_FRAME + FADE_FRAMES);
  });

  test.each<[string, string, string]>([
    ["in activate", "export default { activate() { for (;;); } };", "its activate() does not return"],
    ["as the module starts", "for (;;); export default {};", "its module does not finish starting"],
  ])("%s is the plugin's fault", async (name, source, message) => {
    const id = add(name.replaceAll(" ", "-"), source);
    const failing = render(id, 1, false, 0.3);
    await expect(failing).rejects.toMatchObject({ code: "hang", plugin: id });
    await expect(failing).rejects.toThrow(message);
  });
});

test("a sample above +60 dBFS is a failure, and no other node hears of it", async () => {
  const undisturbed = (await render(undefined)).outputs.get("dry")!;
  const id = "com.example.loud";
  folders.add(id, moduleManifest(id), { "entry.js": entry(0, "out[0][i] = 1e9;") });
  host = createHost({ pluginFolders: [folders.root], trustModules: true });
  const run = await render(id);
  expectSame(run.outputs.get("dry")!, undisturbed);
  const frames = [FAULT_FRAME, secondFault(FAULT_FRAME)] as const;
  expect(expectFaults(run, id, "bypass", frames).code).toBe("overload");
  expectHeard(run.outputs.get("wet")!, "bypass", frames, 0);
});
