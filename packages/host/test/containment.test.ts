/** What a plugin does beside its calls, or says that cannot be, stays its own affair. */
import type { GraphDescription } from "@gainstage/graph";
import type { Manifest } from "@gainstage/plugin-api";
import { passThrough } from "@gainstage/plugin-api/test/wasm-bytes.ts";
import { afterEach, describe, expect, test } from "vitest";
import { createHost, type Host, type RenderRequest, sharedChannel } from "../src/index.ts";
import { edge, FRAMES, RATE_HZ } from "./chains.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const folders = new PluginFolders();
let host: Host;
afterEach(() => host.renderer.close());

const source = [1, 2].map((seed) => {
  const channel = sharedChannel(FRAMES);
  for (let i = 0; i < FRAMES; i++) channel[i] = Math.sin(i / (20 * seed));
  return channel;
});

/** in ─▶ the plugin ─▶ wet, and beside it in ─▶ compressor ─▶ dry. */
function graph(plugin: string): GraphDescription {
  const node = (id: string, of: string) =>
    ({ kind: "plugin", id, plugin: of, channels: 2, params: {} }) as const;
  return {
    nodes: [
      { kind: "input", id: "in", channels: 2 },
      node("bad", plugin),
      node("good", "dev.gainstage.compressor"),
      { kind: "output", id: "wet", channels: 2 },
      { kind: "output", id: "dry", channels: 2 },
    ],
    edges: [edge("in", "bad"), edge("bad", "wet"), edge("in", "good"), edge("good", "dry")],
  };
}

function add(name: string, code: string, changes: Partial<Manifest> = {}): string {
  const id = `com.example.${name}`;
  folders.add(name, moduleManifest(id, changes), { "entry.js": code });
  host = createHost({ pluginFolders: [folders.root], trustModules: true });
  return id;
}

const render = (plugin: string, changes: Partial<RenderRequest> = {}) =>
  host.renderer.render({
    graph: graph(plugin),
    sampleRateHz: RATE_HZ,
    frames: FRAMES,
    sources: new Map([["in", source]]),
    hangSeconds: 0.5,
    ...changes,
  });

/** Half its input; texts go into the module, activate(), process() and dispose(). */
const half = ({ module = "", activate = "", process = "return 0;", dispose = "" }) => `${module}
export default {
  activate() {
    ${activate}
    return {
      latencyFrames: 0, tailFrames: 0, reset() {},
      process({ frames, inputs, outputs }) {
        for (const [c, channel] of outputs[0].entries())
          for (let i = 0; i < frames; i++) channel[i] = inputs[0][c][i] / 2;
        ${process}
      },
      dispose() { ${dispose} },
    };
  },
};`;

function expectSame(actual: readonly Float32Array[], expected: readonly Float32Array[]): void {
  for (const [c, channel] of expected.entries()) {
    const at = channel.findIndex((x, i) => x !== actual[c][i]);
    expect(at, `the first frame of channel ${c} that differs`).toBe(-1);
  }
}

describe("after the song", () => {
  test.each([
    ["does not return from dispose()", half({ dispose: "for (;;);" })],
    ["ends its thread", half({ dispose: "setTimeout(() => process.exit(3), 20);" })],
    ["throws from a timer", half({ dispose: 'setTimeout(() => { throw new Error("late"); }, 20);' })],
    ["goes round in promises for ever", half({ dispose: "(async () => { for (;;) await 0; })();" })],
  ])(
    "a plugin that %s leaves its render and the next as they are",
    { timeout: 60_000 },
    async (name, code) => {
      const id = add(name.replaceAll(/[^a-z]+/g, "-"), code);
      for (const jobs of [1, 2]) {
        const { outputs, faults } = await render(id, { jobs });
        expect(faults).toEqual([]);
        expectSame(
          outputs.get("wet")!,
          source.map((channel) => channel.map((x) => x / 2)),
        );
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    },
  );
});

describe("process() that returns", () => {
  test.each(["NaN", "-1", "undefined", "0n", "Symbol()", "({ valueOf() { throw 1; } })"])(
    "%s has failed",
    async (value) => {
      const id = add("returns", half({ process: `return ${value};` }));
      for (const jobs of [1, 2]) {
        const { faults, outputs } = await render(id, { jobs, blockFrames: 512 });
        expect(faults.map(({ node, code, attempt }) => [node, code, attempt])).toEqual([
          ["bad", "trap", 1],
          ["bad", "trap", 2],
        ]);
        expectSame(
          outputs.get("wet")!.map((channel) => channel.subarray(2000)),
          source.map((channel) => channel.subarray(2000)),
        );
      }
    },
  );
});

test.each([
  "Object.assign(new Error(), { message: Symbol('s') })",
  "new Proxy(new Error(), { getPrototypeOf() { throw 1; } })",
  "Symbol('s')",
])("what is thrown can be anything: %s", async (thrown) => {
  const id = add("throws", half({ process: `throw ${thrown};` }));
  expect((await render(id)).faults.map(({ code }) => code)).toEqual(["trap", "trap"]);
});

test("a trap spoils the memory of its package for no other node of it, whatever the jobs", async () => {
  const [UNREACHABLE, IF, END] = [[0x00], [0x04, 0x40], [0x0b]];
  const flag = [0x41, 0];
  const amount = [0x20, 0, 0x2b, 3, 0xc0, 0x00];
  // While a flag of the whole module is up, everybody traps; an amount above 1/2 puts it up, and traps.
  const inProcess = [
    ...[...flag, 0x28, 2, 16, ...IF, ...UNREACHABLE, ...END],
    ...[...amount, 0x44, ...new Uint8Array(new Float64Array([0.5]).buffer), 0x64, ...IF],
    ...[...flag, 0x41, 1, 0x36, 2, 16, ...UNREACHABLE, ...END],
  ];
  const id = "com.example.flag";
  const stereo = { layouts: ["stereo"] as const };
  folders.add(
    "flag",
    moduleManifest(id, {
      entry: { wasm: "flag.wasm" },
      inputs: [{ id: "in", name: "Input", role: "main", ...stereo }],
      outputs: [{ id: "out", name: "Output", role: "main", ...stereo }],
    }),
    { "flag.wasm": passThrough({ inProcess }) },
  );
  host = createHost({ pluginFolders: [folders.root], trustModules: true });
  const both = graph(id);
  const nodes = both.nodes.map((node) => {
    if (node.kind !== "plugin") return node;
    return { ...node, plugin: id, params: { amount: node.id === "bad" ? 1 : 0 } };
  });
  for (const jobs of [1, 2, 4]) {
    const { outputs, faults } = await render(id, { graph: { ...both, nodes }, jobs });
    expect(faults.map(({ node, code, attempt }) => [node, code, attempt])).toEqual([
      ["bad", "trap", 1],
      ["bad", "trap", 2],
    ]);
    expectSame(outputs.get("dry")!, source);
  }
});

describe("a plugin that does not start", () => {
  const STARTS = [
    ["throws in activate()", half({ activate: 'throw new Error("no");' }), "refused"],
    ["has no activate()", "export default {};", "export-missing"],
    ["throws while it is read", 'throw new Error("no");', "entry-unreadable"],
    ["does not return from activate()", half({ activate: "for (;;);" }), "hang"],
    [
      "hides its latency",
      half({}).replace("latencyFrames: 0", "get latencyFrames() { throw 1; }"),
      "refused",
    ],
  ] as const;

  test.each(STARTS)("where it %s, has a placeholder", async (name, code, fault) => {
    const id = add(name.replaceAll(/[^a-z]+/g, "-"), code);
    const told: string[] = [];
    host.events.on("placeholder", ({ node }) => told.push(node));
    for (const jobs of [1, 2]) {
      const { outputs, placeholders } = await render(id, { jobs, missing: "placeholder" });
      expect(placeholders.map((p) => [p.node, p.plugin, p.code])).toEqual([["bad", id, fault]]);
      expectSame(outputs.get("wet")!, source);
    }
    expect(told).toEqual(["bad", "bad"]);
  });

  test.each(STARTS)("and where it %s, ends a render that wants all of them", async (name, code, fault) => {
    const id = add(name.replaceAll(/[^a-z]+/g, "-"), code);
    await expect(render(id)).rejects.toMatchObject({ code: fault, plugin: id });
  });
});

describe("a port that is wider than stereo", () => {
  const port = (id: string, role: "main" | "sidechain" | "aux", ...layouts: ("stereo" | "5.1" | "7.1.4")[]) =>
    ({ id, name: id, role, layouts }) as const;

  test("takes stereo where it may", async () => {
    const id = add("wide-or-stereo", half({}), {
      inputs: [port("in", "main", "5.1", "stereo")],
      outputs: [port("out", "main", "5.1", "stereo")],
    });
    const { outputs } = await render(id);
    expectSame(
      outputs.get("wet")!,
      source.map((channel) => channel.map((x) => x / 2)),
    );
  });

  test.each([
    ["main", { inputs: [port("in", "main", "5.1")], outputs: [port("out", "main", "5.1")] }],
    ["sidechain", { inputs: [port("in", "main", "stereo"), port("key", "sidechain", "7.1.4")] }],
    ["aux", { outputs: [port("out", "main", "stereo"), port("rest", "aux", "7.1.4")] }],
  ] as const)("is heard as %s port: what is mixed up into it comes back", async (role, ports) => {
    const id = add(`wide-${role}`, half({}), ports);
    const undisturbed = await render("dev.gainstage.equalizer");
    for (const jobs of [1, 2, 4]) {
      const { outputs } = await render(id, { jobs });
      expectSame(
        outputs.get("wet")!,
        source.map((channel) => channel.map((x) => x / 2)),
      );
      expectSame(outputs.get("dry")!, undisturbed.outputs.get("dry")!);
    }
  });

  test("passes what comes in as a placeholder from a card, and a card that cannot be is refused", async () => {
    host = createHost();
    const card = {
      name: "Lost",
      vendor: "Example",
      version: "1.0.0",
      latencyFrames: 0,
      params: [],
      inputs: [port("in", "main", "5.1"), port("key", "sidechain", "7.1.4")],
      outputs: [port("out", "main", "7.1.4")],
    };
    const lost = graph("com.example.lost");
    const withCard = (latencyFrames: number): GraphDescription => ({
      ...lost,
      nodes: lost.nodes.map((node) =>
        node.id === "bad" ? { ...node, card: { ...card, latencyFrames } } : node,
      ) as GraphDescription["nodes"],
    });
    const undisturbed = await render("dev.gainstage.equalizer");
    for (const jobs of [1, 2]) {
      const { outputs } = await render("", { graph: withCard(0), jobs, missing: "placeholder" });
      expectSame(outputs.get("wet")!, source);
      expectSame(outputs.get("dry")!, undisturbed.outputs.get("dry")!);
    }
    await expect(render("", { graph: withCard(-1), missing: "placeholder" })).rejects.toThrow(
      /node "bad": latencyFrames of its card must be a whole number/,
    );
  });
});
