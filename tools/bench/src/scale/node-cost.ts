/** What the engine's own nodes cost in nanoseconds per stereo frame, beside the same as plain loops in TypeScript. */
import type { GraphDescription, GraphEdge, GraphNode } from "@gainstage/graph";
import type { Host } from "@gainstage/host";
import { programme } from "../material.ts";
import { prepared } from "../ours/one-core.ts";
import { SAMPLE_RATE_HZ } from "../workloads.ts";
import { inTurn } from "./repeated.ts";
import { scalarNodes } from "./scalar-nodes.ts";

const NODES = 64;
const BLOCK_FRAMES = 512;
const FRAMES = SAMPLE_RATE_HZ;

export interface Cost {
  readonly what: string;
  /** Nanoseconds per stereo frame. */
  readonly wasm: number;
  /** The same in scalar TypeScript; null where there is none. */
  readonly twin: number | null;
}

type Kind = keyof typeof scalarNodes;

const KINDS: Readonly<Record<Kind, (id: string) => GraphNode>> = {
  gain: (id) => ({ kind: "gain", id, channels: 2, gainDb: -0.01 }),
  pan: (id) => ({ kind: "pan", id, channels: 2, pan: 0.01, law: "balance" }),
  delay: (id) => ({ kind: "delay", id, channels: 2, delayFrames: 480 }),
  meter: (id) => ({ kind: "meter", id, channels: 2 }),
  sum: (id) => ({ kind: "sum", id, channels: 2 }),
};

/** Each is the difference between many nodes and none, over their number. */
export async function nodeCosts(host: Host, rounds: number): Promise<readonly Cost[]> {
  const source = programme(FRAMES);
  const output = [new Float32Array(FRAMES), new Float32Array(FRAMES)] as const;
  const runOf = async (graph: GraphDescription) => {
    const { render } = await prepared(host, graph, BLOCK_FRAMES);
    return () => render(new Map([["in", source]]), output);
  };
  const kinds = Object.keys(KINDS) as Kind[];
  const graphs = kinds.map((kind) => (kind === "sum" ? fanIn() : chain(KINDS[kind])));
  const wasm = await Promise.all([chain(undefined), ...graphs].map(runOf));
  const twins = kinds.map((kind) => {
    const node = scalarNodes[kind]();
    return () => {
      for (let at = 0; at + BLOCK_FRAMES <= FRAMES; at += BLOCK_FRAMES) {
        for (let c = 0; c < 2; c++) node(source[c], output[c], at, BLOCK_FRAMES, c);
      }
    };
  });
  const [empty, ...taken] = inTurn([...wasm, ...twins], rounds);
  return kinds.map((what, i) => ({
    what,
    wasm: (taken[i] - empty) / (NODES * FRAMES),
    twin: taken[kinds.length + i] / FRAMES,
  }));
}

const edge = (from: string, to: string): GraphEdge => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});

function chain(node: ((id: string) => GraphNode) | undefined): GraphDescription {
  const between = node ? Array.from({ length: NODES }, (_, i) => node(`node${i}`)) : [];
  const nodes: GraphNode[] = [
    { kind: "input", id: "in", channels: 2 },
    ...between,
    { kind: "output", id: "out", channels: 2 },
  ];
  return { nodes, edges: nodes.slice(1).map(({ id }, i) => edge(nodes[i].id, id)) };
}

/** So many edges into one bus: a bus costs what is added in it. */
function fanIn(): GraphDescription {
  const nodes: GraphNode[] = [
    { kind: "input", id: "in", channels: 2 },
    KINDS.sum("sum"),
    { kind: "output", id: "out", channels: 2 },
  ];
  return { nodes, edges: [...Array.from({ length: NODES }, () => edge("in", "sum")), edge("sum", "out")] };
}
