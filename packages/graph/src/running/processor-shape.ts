/** What the compiler must know of activated processors. */
import type { PluginShape, PluginShapes } from "../description/graph.ts";
import type { ProcessorNode } from "./plugin-runner.ts";

/** By node id. */
export function shapesOf(processors: ReadonlyMap<string, ProcessorNode>): PluginShapes {
  return new Map([...processors].map(([id, node]) => [id, shapeOf(node)]));
}

/** The same of one. */
export function shapeOf({ manifest, processor }: ProcessorNode): PluginShape {
  const port = (info: { readonly id: string }, channels: readonly Float32Array[]) => ({
    id: info.id,
    channels: channels.length,
  });
  return {
    inputs: manifest.inputs.map((info, i) => port(info, processor.block.inputs[i])),
    outputs: manifest.outputs.map((info, i) => port(info, processor.block.outputs[i])),
    latencyFrames: processor.latencyFrames,
    paramIds: manifest.params.map((p) => p.id),
  };
}
