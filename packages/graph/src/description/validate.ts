/** Everything that can be wrong with a description, found before anything is compiled. */

import { findCycle } from "../planning/order.ts";
import { songTimeProblems } from "../running/song-clock.ts";
import {
  type AutomationLane,
  CURVES,
  type GraphDescription,
  type GraphNode,
  inputPorts,
  outputPorts,
  PAN_LAWS,
  type PluginShapes,
  paramIds,
} from "./graph.ts";
import { GraphError } from "./graph-error.ts";
import { MAX_CHANNELS, type MixMatrix } from "./layouts.ts";

/** A delay above this is taken for a mistake: one minute at 768 kHz. */
export const MAX_DELAY_FRAMES: number = 60 * 768_000;

/** Throws a GraphError that names every problem: unknown ends, double ids, cycles with their path, bad lanes. */
export function validateGraph(graph: GraphDescription, shapes: PluginShapes): void {
  const problems: string[] = [];
  const nodes = new Map<string, GraphNode>();
  for (const node of graph.nodes) {
    if (nodes.has(node.id)) problems.push(`node id "${node.id}" is there twice`);
    nodes.set(node.id, node);
    nodeProblem(node, shapes, problems);
    for (const port of [...inputPorts(node, shapes), ...outputPorts(node, shapes)]) {
      if (port.channels > MAX_CHANNELS)
        problems.push(
          `node "${node.id}": port "${port.id}" has ${port.channels} channels, at most ${MAX_CHANNELS} are carried`,
        );
    }
  }
  for (const { from, to, mix, feedbackFrames } of graph.edges) {
    const edge = `edge ${from.node}:${from.port} -> ${to.node}:${to.port}`;
    const source = nodes.get(from.node);
    const target = nodes.get(to.node);
    if (!source) problems.push(`${edge}: there is no node "${from.node}"`);
    else if (!outputPorts(source, shapes).some((p) => p.id === from.port)) {
      problems.push(`${edge}: node "${from.node}" has no output port "${from.port}"`);
    }
    if (!target) problems.push(`${edge}: there is no node "${to.node}"`);
    else if (!inputPorts(target, shapes).some((p) => p.id === to.port)) {
      problems.push(`${edge}: node "${to.node}" has no input port "${to.port}"`);
    }
    if (feedbackFrames !== undefined && !(feedbackFrames >= 1 && isFrame(feedbackFrames, MAX_DELAY_FRAMES)))
      problems.push(`${edge}: feedbackFrames must be a whole number from 1 to ${MAX_DELAY_FRAMES}`);
    const rows = target && inputPorts(target, shapes).find((p) => p.id === to.port)?.channels;
    const columns = source && outputPorts(source, shapes).find((p) => p.id === from.port)?.channels;
    if (mix && rows && columns && !isMatrix(mix, rows, columns))
      problems.push(
        `${edge}: mix must be ${rows} rows of ${columns} numbers, a row for each channel of the target`,
      );
  }
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
  nodes: ReadonlyMap<string, GraphNode>,
  shapes: PluginShapes,
  driven: Set<string>,
  problems: string[],
): void {
  const name = `automation of ${lane.node}.${lane.param}`;
  const node = nodes.get(lane.node);
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
