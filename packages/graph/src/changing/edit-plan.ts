/**
 * What has to be run so that one graph becomes another while it sounds: made on any thread, carried out by an EditRun.
 *
 *   graph before ─▶ stage: both graphs, faded from the one to the other ─▶ graph after
 *
 * Where both at once would be a cycle there are two stages: first what goes, then what comes. All of it is plain data.
 */
import type { Manifest } from "@gainstage/plugin-api";
import { flatten } from "../description/flatten.ts";
import type { GraphDescription, NestedGraph, PluginNode, PluginShape } from "../description/graph.ts";
import { inputPorts } from "../description/graph.ts";
import { validateGraph } from "../description/validate.ts";
import { type CompensatedGraph, compensate } from "../planning/latency.ts";
import { type CompiledPlan, compile } from "../running/compiled.ts";
import { common, type NodeFacts, type Transition, transition } from "./transition.ts";

const FADE_SECONDS = 0.02;

/** What a plugin node of a planned graph runs. */
export interface PlannedPlugin {
  /** Nodes of one id in two graphs that have the same key are one processor, which goes on. */
  readonly key: unknown;
  readonly manifest: Manifest;
  readonly shape: PluginShape;
}

/** A graph that was found to be valid, with what must be known to go to it and away from it. */
export interface PlannedGraph {
  readonly graph: GraphDescription;
  readonly compensated: CompensatedGraph;
  readonly plugins: ReadonlyMap<string, PlannedPlugin>;
}

export interface PlanOptions {
  readonly sampleRateHz: number;
  readonly maxFrames: number;
  /**
   * How long a plugin that takes the place of another one of its node hears the song before it is heard itself: a compressor
   * has then settled. Where there are two stages nothing is heard there meanwhile, and it is not waited for. Default 0.
   */
  readonly primingFrames?: number;
}

export interface EditStage extends Omit<Transition, "graph"> {
  readonly plan: CompiledPlan;
  /** Whether its plugin nodes are those of the graph before: what comes, comes in the next stage. */
  readonly isBefore: boolean;
}

/** What a node that goes on is to be set to. */
export interface NodeSetting {
  readonly node: string;
  readonly bypassed: boolean;
  /** Ids and plain values of the parameters that are others than before. */
  readonly params: readonly (readonly [id: string, value: number])[];
}

export interface EditPlan {
  readonly stages: readonly EditStage[];
  /** The graph after, alone. */
  readonly settled: CompiledPlan;
  readonly settings: readonly NodeSetting[];
  /** Of every fade. */
  readonly fadeFrames: number;
}

/** `leastLatencyFrames`: outputs are that late at least. Throws a GraphError for a graph that cannot be. */
export function planGraph(
  nested: NestedGraph,
  plugins: ReadonlyMap<string, PlannedPlugin>,
  leastLatencyFrames = 0,
): PlannedGraph {
  const graph = flatten(nested);
  const shapes = shapesIn(plugins);
  validateGraph(graph, shapes);
  return { graph, compensated: compensate(graph, shapes, leastLatencyFrames), plugins };
}

/** Nothing to fade: the graph from the song's first frame on. */
export function planAlone(graph: PlannedGraph, options: PlanOptions): EditPlan {
  return {
    stages: [],
    settled: compiled(graph.compensated, shapesIn(graph.plugins), options),
    settings: [],
    fadeFrames: fadeFramesAt(options),
  };
}

export function planEdit(before: PlannedGraph, after: PlannedGraph, options: PlanOptions): EditPlan {
  return {
    ...planAlone(after, options),
    stages: stagesBetween(before, after, options),
    settings: settingsBetween(before, after),
  };
}

function stagesBetween(before: PlannedGraph, after: PlannedGraph, options: PlanOptions): EditStage[] {
  const old = shapesIn(before.plugins);
  const now = shapesIn(after.plugins);
  const all = new Map([...old, ...now]);
  const goesOn = (id: string) => before.plugins.get(id)?.key === after.plugins.get(id)?.key;
  const facts: NodeFacts = {
    channelsInto: (node, port) =>
      inputPorts(node, all).find(({ id }) => id === port)?.channels ?? node.channels,
    latencyFrames: ({ id }) => now.get(id)?.latencyFrames ?? 0,
    goesOn,
  };
  const between = (
    from: CompensatedGraph,
    to: CompensatedGraph,
    waitFrames: number,
    isBefore = false,
  ): EditStage | undefined => {
    // What remains of the graph before are its own nodes, all of them.
    const made = transition(from, to, isBefore ? { ...facts, goesOn: () => true } : facts);
    if (!made) return undefined;
    const { graph, ...rest } = made;
    const shapes = isBefore ? old : new Map(all);
    for (const [own, id] of graph.before ?? []) if (old.has(id)) shapes.set(own, old.get(id)!);
    const plan = compiled(graph, shapes, options);
    return { ...rest, holdFrames: rest.holdFrames + waitFrames, plan, isBefore };
  };
  const replaces = [...after.plugins.keys()].some((id) => before.plugins.has(id) && !goesOn(id));
  const direct = between(before.compensated, after.compensated, (replaces && options.primingFrames) || 0);
  if (direct) return [direct];
  const rest = common(before.compensated, after.compensated);
  return [between(before.compensated, rest, 0, true), between(rest, after.compensated, 0)].filter(
    (stage) => stage !== undefined,
  );
}

function settingsBetween(before: PlannedGraph, after: PlannedGraph): NodeSetting[] {
  const old = new Map(before.graph.nodes.map((node) => [node.id, node]));
  return after.graph.nodes.flatMap((node) => {
    const was = old.get(node.id);
    if (node.kind !== "plugin" || was?.kind !== "plugin") return [];
    const { key, manifest } = after.plugins.get(node.id)!;
    if (key !== before.plugins.get(node.id)!.key) return [];
    const params = manifest.params
      .map((param) => [param.id, settingOf(node, param), settingOf(was, param)] as const)
      .filter(([, now, then]) => now !== then)
      .map(([id, now]) => [id, now] as const);
    return [{ node: node.id, bypassed: node.bypassed ?? false, params }];
  });
}

function settingOf({ params }: PluginNode, { id, default: usual }: Manifest["params"][number]): number {
  return params[id] ?? usual;
}

function shapesIn(plugins: ReadonlyMap<string, PlannedPlugin>): Map<string, PluginShape> {
  return new Map([...plugins].map(([id, { shape }]) => [id, shape]));
}

function compiled(
  graph: CompensatedGraph,
  shapes: ReadonlyMap<string, PluginShape>,
  { sampleRateHz, maxFrames }: PlanOptions,
): CompiledPlan {
  return compile(graph, shapes, sampleRateHz, maxFrames);
}

function fadeFramesAt({ sampleRateHz }: PlanOptions): number {
  return Math.max(1, Math.round(FADE_SECONDS * sampleRateHz));
}
