/** A graph compiled once and run block by block on this thread, its plugins loaded by the host. */
import { readFileSync } from "node:fs";
import { Engine, engineUrl, type GraphDescription, type ProcessorNode } from "@gainstage/graph";
import { type Host, instantiate, readCode } from "@gainstage/host";
import { type LoadedPlugin, processSetup } from "@gainstage/plugin-api";
import type { Stereo } from "../material.ts";
import { SAMPLE_RATE_HZ } from "../workloads.ts";

export const engineModule: WebAssembly.Module = new WebAssembly.Module(readFileSync(engineUrl));

/** Activated as the host does it: one instance a package, everything that the graph connects. Throws a PluginFault. */
export async function activate(
  host: Host,
  graph: GraphDescription,
  maxFrames: number,
): Promise<ReadonlyMap<string, ProcessorNode>> {
  const loaded = new Map<string, LoadedPlugin>();
  const processors = new Map<string, ProcessorNode>();
  for (const node of graph.nodes) {
    if (node.kind !== "plugin") continue;
    const plugin =
      loaded.get(node.plugin) ?? (await instantiate(readCode(host.catalog.find(node.plugin), host.loading)));
    loaded.set(node.plugin, plugin);
    const setup = processSetup(plugin.manifest, {
      sampleRateHz: SAMPLE_RATE_HZ,
      maxFrames,
      maxChannels: 2,
      layout: "stereo",
      params: node.params,
      ...(node.state && { state: node.state }),
    });
    processors.set(node.id, { manifest: plugin.manifest, processor: plugin.activate(setup) });
  }
  return processors;
}

export interface PreparedGraph {
  readonly engine: Engine;
  /** Renders the sources, by input node, from the first frame. Latency is not removed. */
  render(sources: ReadonlyMap<string, Stereo>, output: Stereo): void;
}

/** Compiled and activated, so that render() is processing alone. */
export async function prepared(
  host: Host,
  graph: GraphDescription,
  maxFrames: number,
): Promise<PreparedGraph> {
  const processors = await activate(host, graph, maxFrames);
  const engine = Engine.create(engineModule, graph, { sampleRateHz: SAMPLE_RATE_HZ, maxFrames, processors });
  const out = engine.outputs.get("out")!;
  const render = (sources: ReadonlyMap<string, Stereo>, output: Stereo): void => {
    engine.reset();
    const inputs = [...engine.inputs].flatMap(([id, channels]) => {
      const source = sources.get(id)!;
      return channels.map((channel, c) => ({ to: bytesOf(channel), from: bytesOf(source[c]) }));
    });
    const frames = output[0].length;
    for (let at = 0; at < frames; at += maxFrames) {
      const n = Math.min(maxFrames, frames - at);
      for (const { to, from } of inputs) from.copy(to, 0, 4 * at, 4 * (at + n));
      engine.run(n);
      output[0].set(n === maxFrames ? out[0] : out[0].subarray(0, n), at);
      output[1].set(n === maxFrames ? out[1] : out[1].subarray(0, n), at);
    }
  };
  return { engine, render };
}

/** As the host's renderer copies from shared memory, which TypedArray.set() takes word by word. */
function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
