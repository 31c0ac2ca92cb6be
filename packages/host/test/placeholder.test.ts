/** What stands in for a plugin that cannot be had: nothing is lost, everything stays in line. */
import type { GraphDescription, PluginNode } from "@gainstage/graph";
import { cardOf, type Manifest } from "@gainstage/plugin-api";
import { describe, expect, test } from "vitest";
import {
  createHost,
  type Placeholder,
  type Quarantine,
  type QuarantineEntry,
  sharedChannel,
} from "../src/index.ts";
import { entry, FAILURES } from "./failing-plugins.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const FRAMES = 9_000;
const RATE_HZ = 48_000;
const folders = new PluginFolders();

const noise = (() => {
  let state = 99;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 32;
  };
  return [sharedChannel(FRAMES).map(next), sharedChannel(FRAMES).map(next)];
})();

const edge = (from: string, to: string, port = "in") => ({
  from: { node: from, port: "out" },
  to: { node: to, port },
});

/** in ─▶ lost ─▶ wet, and in ─▶ dry beside it: both must be in line. */
function graph(lost: Partial<PluginNode>, more: Partial<GraphDescription> = {}): GraphDescription {
  return {
    nodes: [
      { kind: "input", id: "in", channels: 2 },
      { kind: "plugin", id: "lost", plugin: "com.example.lost", params: {}, channels: 2, ...lost },
      { kind: "output", id: "wet", channels: 2 },
      { kind: "output", id: "dry", channels: 2 },
    ],
    edges: [edge("in", "lost"), edge("lost", "wet"), edge("in", "dry")],
    ...more,
  };
}

async function render(description: GraphDescription, host = createHost(), jobs = 1) {
  const told: Placeholder[] = [];
  host.events.on("placeholder", (placeholder) => told.push(placeholder));
  const rendered = await host.renderer.render({
    graph: description,
    sampleRateHz: RATE_HZ,
    frames: FRAMES,
    sources: new Map([["in", noise]]),
    missing: "placeholder",
    jobs,
    hangSeconds: 0.3,
  });
  expect(told).toEqual(rendered.placeholders);
  return rendered;
}

function expectSame(actual: readonly Float32Array[], expected: readonly Float32Array[]): void {
  for (const [c, channel] of expected.entries()) {
    for (let i = 0; i < channel.length; i++) {
      if (Object.is(actual[c][i], channel[i])) continue;
      expect.fail(`channel ${c} differs at frame ${i}: ${actual[c][i]} instead of ${channel[i]}`);
    }
  }
}

const layouts = ["stereo", "mono"] as const;
const card = (latencyFrames: number) =>
  cardOf(
    {
      ...(moduleManifest("com.example.lost") as Manifest),
      inputs: [
        { id: "in", name: "In", role: "main", layouts },
        { id: "key", name: "Key", role: "sidechain", layouts },
      ],
      params: [{ id: "amount", name: "Amount", unit: "none", min: 0, max: 1, default: 0 }],
    },
    latencyFrames,
  );

describe("a plugin that is not there", () => {
  test.each([0, 1, 300, 5000])(
    "is its input, in line with what runs beside it, at a latency of %d",
    async (latency) => {
      const { outputs, placeholders, latencyFrames } = await render(graph({ card: card(latency) }));
      expect(latencyFrames).toBe(latency);
      expectSame(outputs.get("wet")!, noise);
      expectSame(outputs.get("dry")!, noise);
      expect(placeholders).toEqual([
        {
          node: "lost",
          plugin: "com.example.lost",
          code: "unknown",
          message: expect.stringContaining("no such plugin"),
        },
      ]);
    },
  );

  test("keeps its sidechain and its automation, on a thread of its own too", async () => {
    const points = [
      { frame: 0, value: 0, curve: "linear" as const },
      { frame: 5000, value: 1, curve: "hold" as const },
    ];
    const description = graph({ card: card(64), params: { amount: 0.5 } });
    for (const jobs of [1, 2]) {
      const { outputs } = await render(
        {
          ...description,
          edges: [...description.edges, edge("in", "lost", "key")],
          lanes: [{ node: "lost", param: "amount", points }],
        },
        createHost(),
        jobs,
      );
      expectSame(outputs.get("wet")!, noise);
    }
  });

  test("of which nothing is known takes the parameters and ports that the graph names", async () => {
    const description = graph({ params: { wetness: 7 } });
    const points = [{ frame: 0, value: 3, curve: "hold" as const }];
    const { outputs } = await render({
      ...description,
      edges: [...description.edges, edge("in", "lost", "voice")],
      lanes: [{ node: "lost", param: "shine", points }],
    });
    expectSame(outputs.get("wet")!, noise);
  });

  test("is refused where nobody allowed a stand-in", async () => {
    const asked = { graph: graph({}), sampleRateHz: RATE_HZ, frames: 10, sources: new Map() };
    await expect(createHost().renderer.render(asked)).rejects.toMatchObject({ code: "unknown" });
  });

  test("of one channel is heard on both sides of a stereo output, and of two as they are", async () => {
    const { outputs } = await render({
      nodes: [
        { kind: "input", id: "in", channels: 1 },
        { kind: "plugin", id: "lost", plugin: "com.example.lost", params: {}, channels: 1, card: card(7) },
        { kind: "output", id: "wet", channels: 2 },
      ],
      edges: [edge("in", "lost"), edge("lost", "wet")],
    });
    expectSame(outputs.get("wet")!, [noise[0], noise[0]]);
  });
});

describe("a version", () => {
  test("that is not there is missing, though another is", async () => {
    const { placeholders } = await render(graph({ plugin: "dev.gainstage.compressor", version: "^9.0.0" }));
    expect(placeholders[0].message).toContain("no version of it satisfies ^9.0.0");
  });
});

describe("a plugin that replaces another", () => {
  test("takes its place, with its parameters under their new names", async () => {
    const manifest = moduleManifest("com.example.loudness", {
      params: [{ id: "level", name: "Level", unit: "none", min: 0, max: 4, default: 1 }],
      replaces: [{ id: "com.example.volume", params: { volume: "level" } }],
    });
    folders.add("loudness", manifest, {
      "entry.js": `export default { activate: () => ({ latencyFrames: 0, tailFrames: 0, reset() {},
        process({ frames, inputs, outputs, params }) {
          for (let c = 0; c < outputs[0].length; c++)
            for (let i = 0; i < frames; i++) outputs[0][c][i] = params[0] * inputs[0][c][i];
          return 0; } }) };`,
    });
    const host = createHost({ pluginFolders: [folders.root], trustModules: true });
    const description = graph({ plugin: "com.example.volume", params: { volume: 0.5 } });
    const { outputs, placeholders } = await render(
      {
        ...description,
        lanes: [{ node: "lost", param: "volume", points: [{ frame: 4000, value: 2, curve: "hold" }] }],
      },
      host,
    );
    expect(placeholders).toEqual([]);
    // A lane holds its first value from the start.
    expectSame(
      outputs.get("wet")!,
      noise.map((channel) => channel.map((x) => 2 * x)),
    );
  });
});

describe("the quarantine", () => {
  const condemned = (): QuarantineEntry[] & Pick<Quarantine, "add" | "has"> => {
    const entries: QuarantineEntry[] = [];
    return Object.assign(entries, {
      add: (item: QuarantineEntry) => void entries.push(item),
      has: (hash: string) => entries.some((e) => e.hash === hash),
    });
  };
  const add = (name: string, source: string) => {
    const id = `com.example.${name}`;
    folders.add(id, moduleManifest(id), { "entry.js": source });
    return id;
  };

  test.each<[string, string, "trap" | "hang"]>([
    ["traps", entry(0, FAILURES.throws, 1000), "trap"],
    ["hangs", entry(0, "for (;;);", 1000), "hang"],
  ])("takes in what %s, and the next render has a stand-in for it", async (name, source, why) => {
    const plugin = add(name, source);
    const list = condemned();
    const host = createHost({
      pluginFolders: [folders.root],
      trustModules: true,
      quarantine: list as unknown as Quarantine,
    });
    const first = await render(graph({ plugin }), host);
    expect(first.placeholders).toEqual([]);
    expect(first.faults[0].code).toBe(why);
    expect(new Set(list.map((e) => `${e.id} ${e.version} ${e.why}`))).toEqual(
      new Set([`${plugin} 1.0.0 ${why}`]),
    );
    expect(list[0].hash).toBe(host.catalog.find(plugin).hash);
    const second = await render(
      graph({ plugin }),
      createHost({
        pluginFolders: [folders.root],
        trustModules: true,
        quarantine: list as unknown as Quarantine,
      }),
    );
    expect(second.placeholders[0].message).toContain("is in quarantine");
    expectSame(second.outputs.get("wet")!, noise);
  });

  test("leaves alone what put out NaN, or trapped once", async () => {
    const plugin = add("nan", entry(0, FAILURES.nan, 1000));
    const list = condemned();
    const host = createHost({
      pluginFolders: [folders.root],
      trustModules: true,
      quarantine: list as unknown as Quarantine,
    });
    expect((await render(graph({ plugin }), host)).faults).toHaveLength(2);
    expect(list).toHaveLength(0);
  });
});
