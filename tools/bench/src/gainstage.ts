/** The workloads in Gainstage: plugins loaded by the host, the graph run block by block on one thread. */
import { readFileSync } from "node:fs";
import {
  Engine,
  engineUrl,
  type GraphDescription,
  type GraphEdge,
  type GraphNode,
  type ProcessorNode,
} from "@gainstage/graph";
import { createHost, instantiate, readCode } from "@gainstage/host";
import { processSetup } from "@gainstage/plugin-api";
import {
  BLOCK_FRAMES,
  CHAIN_GAIN,
  CHAINS,
  COMPRESSOR,
  EQ8,
  GAIN,
  GAINS_PER_CHAIN,
  PAN,
  SAMPLE_RATE_HZ,
} from "./workloads.ts";

const edge = (from: string, to: string): GraphEdge => ({
  from: { node: from, port: "out" },
  to: { node: to, port: "in" },
});
const toDb = (gain: number) => 20 * Math.log10(gain);

function w1Graph(): GraphDescription {
  const bands = EQ8.flatMap(([, frequencyHz, q, gainDb], i) => [
    [`band${i + 1}.frequencyHz`, frequencyHz],
    [`band${i + 1}.q`, q],
    [`band${i + 1}.gainDb`, gainDb],
  ]);
  const types = EQ8.map(([type], i) => [`band${i + 1}.type`, typeIndex(type)]);
  const nodes: GraphNode[] = [
    { kind: "input", id: "in", channels: 2 },
    {
      kind: "plugin",
      id: "eq",
      plugin: "dev.gainstage.equalizer",
      params: Object.fromEntries([...bands, ...types]),
      channels: 2,
    },
    { kind: "plugin", id: "comp", plugin: "dev.gainstage.compressor", params: COMPRESSOR, channels: 2 },
    { kind: "gain", id: "gain", gainDb: toDb(GAIN), channels: 2 },
    { kind: "pan", id: "pan", pan: PAN, law: "balance", channels: 2 },
    { kind: "output", id: "out", channels: 2 },
  ];
  return { nodes, edges: nodes.slice(1).map((node, i) => edge(nodes[i].id, node.id)) };
}

function w5Graph(): GraphDescription {
  const nodes: GraphNode[] = [
    { kind: "input", id: "in", channels: 2 },
    { kind: "sum", id: "sum", channels: 2 },
    { kind: "output", id: "out", channels: 2 },
  ];
  const edges: GraphEdge[] = [];
  for (let c = 0; c < CHAINS; c++) {
    for (let g = 0; g < GAINS_PER_CHAIN; g++) {
      nodes.push({ kind: "gain", id: `g${c}.${g}`, gainDb: toDb(CHAIN_GAIN), channels: 2 });
      edges.push(edge(g === 0 ? "in" : `g${c}.${g - 1}`, `g${c}.${g}`));
    }
    edges.push(edge(`g${c}.${GAINS_PER_CHAIN - 1}`, "sum"));
  }
  edges.push(edge("sum", "out"));
  return { nodes, edges };
}

const host = createHost();
const engineModule = new WebAssembly.Module(readFileSync(engineUrl));

function typeIndex(type: string): number {
  const { manifest } = host.catalog.find("equalizer");
  return manifest.params
    .find((p) => p.id === "band1.type")!
    .choices!.findIndex((choice) => choice.id === type);
}

/** Compiled and activated once; each call renders the source from the first frame and returns the last sample. */
async function prepared(
  graph: GraphDescription,
  maxFrames: number,
): Promise<(source: readonly Float32Array[], output: readonly Float32Array[]) => number> {
  const processors = new Map<string, ProcessorNode>();
  for (const node of graph.nodes) {
    if (node.kind !== "plugin") continue;
    const plugin = await instantiate(readCode(host.catalog.find(node.plugin), host.loading));
    const setup = processSetup(plugin.manifest, {
      sampleRateHz: SAMPLE_RATE_HZ,
      maxFrames,
      params: node.params,
    });
    processors.set(node.id, { manifest: plugin.manifest, processor: plugin.activate(setup) });
  }
  const engine = Engine.create(engineModule, graph, { sampleRateHz: SAMPLE_RATE_HZ, maxFrames, processors });
  const [inLeft, inRight] = engine.inputs.get("in")!;
  const [outLeft, outRight] = engine.outputs.get("out")!;
  return (source, output) => {
    engine.reset();
    const frames = source[0].length;
    for (let at = 0; at < frames; at += maxFrames) {
      const n = Math.min(maxFrames, frames - at);
      inLeft.set(source[0].subarray(at, at + n));
      inRight.set(source[1].subarray(at, at + n));
      engine.run(n);
      output[0].set(n === maxFrames ? outLeft : outLeft.subarray(0, n), at);
      output[1].set(n === maxFrames ? outRight : outRight.subarray(0, n), at);
    }
    return output[0][frames - 1];
  };
}

/** W1 in the engine's own offline block, W5 in blocks of 128 as stated. */
export const w1 = () => prepared(w1Graph(), 512);
export const w5 = () => prepared(w5Graph(), BLOCK_FRAMES);
