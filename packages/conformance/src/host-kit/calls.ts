/** H01 to H04: how a plugin is called, as the recording plugin writes it down. */
import { demand } from "../check.ts";
import { peakOf } from "../measuring/compare.ts";
import { type RecordedCall, recordingManifest } from "./recording-plugin.ts";
import { FRAMES, type HostCheck, type Trial } from "./trial.ts";

/** Steps of both nodes, some of them at once, and two in neighbouring frames. */
const CHANGES = [
  { node: "a", param: "value", frame: 0, value: 0.25 },
  { node: "b", param: "value", frame: 0, value: 0 },
  { node: "a", param: "value", frame: 1001, value: -1 },
  { node: "b", param: "value", frame: 1001, value: 1 },
  { node: "a", param: "value", frame: 1002, value: 0.5 },
  { node: "b", param: "value", frame: 10_240, value: -0.5 },
] as const;

const TAGS = { a: 1, b: 2 } as const;
type Node = keyof typeof TAGS;

function valueAt(shape: Trial["shape"], node: Node, frame: number): number {
  if (shape === "chain") return 0;
  return CHANGES.findLast((change) => change.node === node && change.frame <= frame)?.value ?? 0;
}

/** in ─▶ a ─▶ b ─▶ out, in a graph with changes, and with the input at b's key. */
async function recorded({ shape, kit, render }: Trial): Promise<readonly RecordedCall[]> {
  kit.takeCalls();
  const isGraph = shape === "graph";
  await render({
    nodes: [
      { id: "a", plugin: recordingManifest.id, params: { tag: TAGS.a }, from: "input" },
      {
        id: "b",
        plugin: recordingManifest.id,
        params: { tag: TAGS.b, mode: 2 },
        from: "a",
        ...(isGraph && { key: "input" }),
      },
    ],
    buses: [{ id: "out", from: [{ node: "b" }] }],
    ...(isGraph && { changes: CHANGES }),
  });
  return kit.takeCalls();
}

type RecordedBlock = NonNullable<RecordedCall["block"]>;

function blocksOf(calls: readonly RecordedCall[], node: Node): readonly RecordedBlock[] {
  return calls.flatMap(({ block }) => (block?.params[0] === TAGS[node] ? [block] : []));
}

const changes: HostCheck = {
  id: "H01",
  title: "a parameter changes at its frame, at its node, within its range",
  async run(trial) {
    const calls = await recorded(trial);
    for (const node of ["a", "b"] as const) {
      let done = 0;
      for (const { params, frames } of blocksOf(calls, node)) {
        const [first, last] = [done, done + frames - 1].map((frame) => valueAt(trial.shape, node, frame));
        demand(
          params[1] === first,
          `${node} has the value ${params[1]} at frame ${done}; it was to be ${first}`,
        );
        demand(last === first, `a block of ${frames} frames at ${done} goes over a change of ${node}`);
        const mode = node === "b" ? 2 : 0;
        demand(
          params[2] === mode,
          `${node} has the mode ${params[2]} at frame ${done}; it was to be ${mode}`,
        );
        done += frames;
      }
      demand(done >= FRAMES, `${node} was given ${done} of ${FRAMES} frames with its tag`);
    }
  },
};

const unconnected: HostCheck = {
  id: "H02",
  title: "a port that nothing feeds says so, and is silent",
  async run(trial) {
    const calls = await recorded(trial);
    for (const { setup } of calls) {
      if (!setup) continue;
      const [main, key] = setup.inputs;
      const fed = trial.shape === "graph" && setup.params[0] === TAGS.b;
      demand(main.connected && setup.outputs[0].connected, "a main port is said not to be connected");
      demand(
        key.connected === fed,
        `a sidechain that is ${fed ? "" : "not "}fed is said ${fed ? "not " : ""}to be`,
      );
    }
    const loudest = (node: Node) => Math.max(...blocksOf(calls, node).map(({ peaks }) => peaks[1]));
    demand(loudest("a") === 0, `a sidechain that nothing feeds reaches ${loudest("a")}`);
    const wanted = trial.shape === "graph" ? peakOf(trial.input) : 0;
    demand(loudest("b") === wanted, "a sidechain does not hear what feeds it");
  },
};

const buffers: HostCheck = {
  id: "H03",
  title: "blocks are within maxFrames, and channels are long enough and nobody else's",
  async run(trial) {
    const calls = await recorded(trial);
    const setups = new Map(
      calls.flatMap(({ setup, processor }) => (setup ? [[processor, setup] as const] : [])),
    );
    for (const { block, processor } of calls) {
      if (!block) continue;
      const setup = setups.get(processor);
      demand(setup !== undefined, "process() comes before activate()");
      const { maxFrames, inputs, outputs } = setup!;
      const { frames } = block;
      demand(
        Number.isInteger(frames) && frames >= 1 && frames <= maxFrames,
        `${frames} frames of ${maxFrames}`,
      );
      const channels = (ports: readonly { readonly channels: number }[]) =>
        ports.map((p) => p.channels).join();
      demand(
        block.inputs.map((p) => p.length).join() === channels(inputs) &&
          block.outputs.map((p) => p.length).join() === channels(outputs),
        "a port has other channels than activate() was told",
      );
      const shortest = Math.min(...[...block.inputs, ...block.outputs].flat());
      demand(shortest >= frames, `a channel of ${shortest} frames in a block of ${frames}`);
      demand(!block.aliased, "two channels share their samples");
      demand(
        block.silentOutputs.every((word) => word === 0),
        "silentOutputs is not cleared before a call",
      );
    }
  },
};

const lives: HostCheck = {
  id: "H04",
  title: "a processor is activated first, called by one at a time, and not after dispose()",
  async run(trial) {
    const calls = await recorded(trial);
    const all = new Map(
      calls.map(({ processor }) => [processor, calls.filter((call) => call.processor === processor)]),
    );
    demand(all.size >= 2, `two nodes have ${all.size} processors`);
    for (const life of all.values()) {
      const order = life.map(({ call }) => call);
      demand(order.lastIndexOf("activate") === 0, `the calls begin with ${order.slice(0, 3).join(", ")}`);
      const end = order.indexOf("dispose");
      demand(end < 0 || end === order.length - 1, `after dispose() comes ${order[end + 1]}`);
      demand(!life.some(({ block }) => block?.reentered), "process() is called while it runs");
    }
  },
};

export const CALL_CHECKS: readonly HostCheck[] = [changes, unconnected, buffers, lives];
