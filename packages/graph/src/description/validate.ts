/** Everything that can be wrong with a description, found before anything is compiled. */

import { findCycle } from "../planning/order.ts";
import { songTimeProblems } from "../running/song-clock.ts";
import {
  type AutomationLane,
  CURVES,
  type GraphDescription,
  type GraphEdge,
  type GraphNode,
  inputPorts,
  outputPorts,
  PAN_LAWS,
  type PluginShapes,
  paramIds,
  type ShapePort,
} from "./graph.ts";
import { GraphError } from "./graph-error.ts";
import { MAX_CHANNELS, type MixMatrix } from "./layouts.ts";

/** A delay above this is taken for a mistake: one minute at 768 kHz. */
export const MAX_DELAY_FRAMES: number = 60 * 768_000;

interface KnownNode {
  readonly node: GraphNode;
  readonly inputs: readonly ShapePort[];
  readonly outputs: readonly ShapePort[];
}

/** Throws a GraphError that names every problem: unknown ends, double ids, cycles with their path, bad lanes. */
export function validateGraph(graph: GraphDescription, shapes: PluginShapes): void {
  const problems: string[] = [];
  const nodes = new Map<string, KnownNode>();
  for (const node of graph.nodes) {
    if (nodes.has(node.id)) problems.push(`node id "${node.id}" is there twice`);
    const known = { node, inputs: inputPorts(node, shapes), outputs: outputPorts(node, shapes) };
    nodes.set(node.id, known);
    nodeProblem(node, shapes, problems);
    for (const port of [...known.inputs, ...known.outputs]) {
      if (port.channels > MAX_CHANNELS)
        problems.push(
          `node "${node.id}": port "${port.id}" has ${port.channels} channels, at most ${MAX_CHANNELS} are carried`,
        );
    }
  }
  for (const edge of graph.edges) edgeProblems(edge, nodes, problems);
  const driven = new Set<string>();
  for (const lane of graph.lanes ?? []) laneProblems(lane, nodes, shapes, driven, problems);
  if (graph.song) problems.push(...songTimeProblems(graph.song));
  if (problems.length === 0) {
    const cycle = findCycle(graph);
    if (cycle)
      problems.push(
        `a cycle: ${[...cycle, cycle[0]].join(" -> ")}. Remove one of these edges, or make it a way back with feedbackFrames`,
      );
  }
  if (problems.length > 0) throw new GraphError(problems);
}

function edgeProblems(edge: GraphEdge, nodes: ReadonlyMap<string, KnownNode>, problems: string[]): void {
  const { from, to, mix, feedbackFrames } = edge;
  const source = nodes.get(from.node);
  const target = nodes.get(to.node);
  const output = source?.outputs.find((port) => port.id === from.port);
  const input = target?.inputs.find((port) => port.id === to.port);
  const report = (problem: string) =>
    problems.push(`edge ${from.node}:${from.port} -> ${to.node}:${to.port}: ${problem}`);
  if (!source) report(`there is no node "${from.node}"`);
  else if (!output) report(`node "${from.node}" has no output port "${from.port}"`);
  if (!target) report(`there is no node "${to.node}"`);
  else if (!input) report(`node "${to.node}" has no input port "${to.port}"`);
  if (feedbackFrames !== undefined && !(feedbackFrames >= 1 && isFrame(feedbackFrames, MAX_DELAY_FRAMES)))
    report(`feedbackFrames must be a whole number from 1 to ${MAX_DELAY_FRAMES}`);
  if (mix && input && output && !isMatrix(mix, input.channels, output.channels))
    report(
      `mix must be ${input.channels} rows of ${output.channels} numbers, a row for each channel of the target`,
    );
}

function nodeProblem(node: GraphNode, shapes: PluginShapes, problems: string[]): void {
  const most = node.kind === "pan" ? 2 : MAX_CHANNELS;
  if (!(Number.isInteger(node.channels) && node.channels >= 1 && node.channels <= most)) {
    problems.push(`node "${node.id}" has ${node.channels} channels; 1 to ${most} are possible`);
  }
  if (
    (node.kind === "gain" || node.kind === "send") &&
    node.gainDb !== null &&
    !Number.isFinite(node.gainDb)
  ) {
    problems.push(`node "${node.id}": gainDb must be a number, or null for silence`);
  }
  if (node.kind === "pan" && (!(Math.abs(node.pan) <= 1) || !PAN_LAWS.includes(node.law))) {
    problems.push(`node "${node.id}": pan runs from -1 to 1, by one of the laws ${PAN_LAWS.join(", ")}`);
  }
  if (node.kind === "delay" && !isFrame(node.delayFrames, MAX_DELAY_FRAMES)) {
    problems.push(`node "${node.id}": delayFrames must be a whole number from 0 to ${MAX_DELAY_FRAMES}`);
  }
  if (node.kind === "plugin" && !shapes.has(node.id)) {
    problems.push(`node "${node.id}": the plugin ${node.plugin} is not activated`);
  }
}

function laneProblems(
  lane: AutomationLane,
  nodes: ReadonlyMap<string, KnownNode>,
  shapes: PluginShapes,
  driven: Set<string>,
  problems: string[],
): void {
  const name = `automation of ${lane.node}.${lane.param}`;
  const node = nodes.get(lane.node)?.node;
  const known = node ? paramIds(node, shapes) : [];
  if (!node) problems.push(`${name}: there is no node "${lane.node}"`);
  else if (!known.includes(lane.param)) {
    problems.push(`${name}: the node has ${known.length > 0 ? known.join(", ") : "no parameter"}`);
  }
  const key = JSON.stringify([lane.node, lane.param]);
  if (driven.has(key)) problems.push(`${name} is there twice`);
  driven.add(key);
  if (lane.points.length === 0) problems.push(`${name} has no point`);
  lane.points.forEach((point, i) => {
    if (!isFrame(point.frame, Number.MAX_SAFE_INTEGER)) {
      problems.push(`${name}: point ${i + 1} is at frame ${point.frame}, which is not a whole number from 0`);
    } else if (i > 0 && point.frame <= lane.points[i - 1].frame) {
      problems.push(`${name}: point ${i + 1} does not come after the one before it`);
    }
    const mayBeSilent = node?.kind === "gain" || node?.kind === "send";
    if (point.value === null ? !mayBeSilent : !Number.isFinite(point.value)) {
      problems.push(`${name}: point ${i + 1} has no value`);
    }
    if (!CURVES.includes(point.curve)) {
      problems.push(`${name}: point ${i + 1} has the curve ${point.curve}; there are ${CURVES.join(", ")}`);
    }
  });
}

function isMatrix(mix: MixMatrix, rows: number, columns: number): boolean {
  const isRow = (row: readonly number[]) =>
    row.length === columns && row.every((gain) => Number.isFinite(gain));
  return mix.length === rows && mix.every(isRow);
}

function isFrame(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
