/** From a compensated graph to what an engine loads: plain data, which may be made on one thread for another. */
import { type PluginShapes, paramIds } from "../description/graph.ts";
import type { CompensatedGraph } from "../planning/latency.ts";
import { lower } from "../planning/lowering.ts";
import type { PortBuffer } from "../planning/plan.ts";
import { layOut, type PlanImage } from "../planning/plan-image.ts";
import type { SongTime } from "./song-clock.ts";

export interface CompiledPlan {
  readonly image: PlanImage;
  readonly sampleRateHz: number;
  readonly maxFrames: number;
  /** By the id of an input or output node: addresses of its channels. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
  readonly outputs: ReadonlyMap<string, readonly number[]>;
  readonly latencyFrames: number;
  readonly longestRunFrames: number;
  /** In the order in which the plan runs them. */
  readonly plugins: readonly CompiledPlugin[];
  readonly song: SongTime | undefined;
  /** Nodes that have an id of the plan before and are others nonetheless: they take over nothing. */
  readonly fresh: ReadonlySet<string>;
  /** Nodes of the plan before that have another id in this one, by the new one. */
  readonly before: ReadonlyMap<string, string>;
}

export interface CompiledPlugin {
  readonly node: string;
  readonly paramIds: readonly string[];
  readonly bypassed: boolean;
}

/** Throws a RangeError for a plan that no memory can hold. */
export function compile(
  graph: CompensatedGraph,
  shapes: PluginShapes,
  sampleRateHz: number,
  maxFrames: number,
): CompiledPlan {
  const plan = lower(graph, shapes);
  const image = layOut(plan, shapes, sampleRateHz, maxFrames);
  const channelsOf = ({ buffer, channels }: PortBuffer) =>
    Array.from({ length: channels }, (_, c) => image.bufferAt[buffer] + c * image.strideBytes);
  const addresses = (ports: ReadonlyMap<string, PortBuffer>) =>
    new Map([...ports].map(([id, port]) => [id, channelsOf(port)]));
  const plugins = plan.steps.flatMap((step) => (step.op === "plugin" ? [step.node] : []));
  return {
    image,
    sampleRateHz,
    maxFrames,
    inputs: addresses(plan.inputs),
    outputs: addresses(plan.outputs),
    latencyFrames: plan.latencyFrames,
    longestRunFrames: plan.longestRunFrames,
    plugins: plugins.map((node) => ({
      node: node.id,
      paramIds: paramIds(node, shapes),
      bypassed: node.bypassed ?? false,
    })),
    song: graph.song,
    fresh: graph.fresh ?? new Set(),
    before: graph.before ?? new Map(),
  };
}
