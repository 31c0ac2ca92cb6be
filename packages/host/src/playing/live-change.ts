/** From a graph that is wished for to what is sent to the thread that plays. */
import { type GraphDescription, type PlannedGraph, planAlone, planEdit } from "@gainstage/graph";
import { checkParams } from "../reading/param-text.ts";
import { withPluginLanes } from "../running/plugin-lanes.ts";
import type { NodeCode } from "../running/resolve-plugins.ts";
import type { GraphChange } from "./live-messages.ts";
import type { KnownProcessors } from "./live-processors.ts";
import { QUANTUM_FRAMES } from "./live-setup.ts";

/** A plugin that takes another's place hears so much of the song first: a tail says how long it rings, not how long it remembers. */
const PRIMING_SECONDS = 0.5;

/** Parameters by their ids of today and within their ranges, and lanes likewise. Throws a PluginFault. */
export function asPluginsHearIt(
  graph: GraphDescription,
  contentOf: (node: string) => NodeCode,
): GraphDescription {
  const nodes = graph.nodes.map((node) => {
    if (node.kind !== "plugin") return node;
    return { ...node, params: checkParams(contentOf(node.id).manifest, node.params) };
  });
  const plugins = new Set(nodes.flatMap(({ kind, id }) => (kind === "plugin" ? [id] : [])));
  return withPluginLanes({ ...graph, nodes }, (node) =>
    plugins.has(node) ? contentOf(node).manifest : undefined,
  );
}

/** From the graph `before`, or from nothing. */
export function changeTo(
  planned: PlannedGraph,
  before: PlannedGraph | undefined,
  processors: KnownProcessors,
  sampleRateHz: number,
): GraphChange {
  const primingFrames = Math.round(PRIMING_SECONDS * sampleRateHz);
  const options = { sampleRateHz, maxFrames: QUANTUM_FRAMES, primingFrames };
  const { nodes } = planned.graph;
  return {
    plan: before ? planEdit(before, planned, options) : planAlone(planned, options),
    processors: new Map([...processors].map(([node, { wanted }]) => [node, wanted.handle])),
    meters: new Map(
      nodes.flatMap(({ kind, id, channels }) => (kind === "meter" ? [[id, 2 * channels] as const] : [])),
    ),
    delayFrames: nodes.reduce((sum, node) => sum + (node.kind === "delay" ? node.delayFrames : 0), 0),
  };
}

/** What goes over there for good. */
export function buffersOf({ plan }: GraphChange): ArrayBuffer[] {
  const plans = [plan.settled, ...plan.stages.map((stage) => stage.plan)];
  return plans.map(({ image }) => image.content.buffer as ArrayBuffer);
}
