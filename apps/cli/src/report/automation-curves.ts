/** Automation lanes as curves over the song, with what they drive and where they start and end. */
import type { AutomationLane, AutomationPoint, GraphNode } from "@gainstage/graph";
import type { ParamInfo } from "@gainstage/plugin-api";
import { type SortedGraph, sortGraph } from "./graph-lanes.ts";
import { html, type Markup } from "./markup.ts";
import { nodeName } from "./node-text.ts";
import { clock, fixed, gainText, panText, SILENCE, shortened } from "./number-text.ts";
import { type Axis, linearAxis, linePath, plot, runsOf, timeAxis } from "./plot.ts";
import type { GraphReport } from "./report-data.ts";
import { paramName, valueText } from "./settings.ts";

const HEIGHT = 96;
const STEPS_PER_SEGMENT = 24;
/** A lane with more points is drawn through every so-manieth. */
const MOST_POINTS = 1000;
/** Where a curve from or to silence starts. */
const SILENCE_DB = -200;
const LOWEST_DRAWN_DB = -60;

export function automationCurves(report: GraphReport, id: string, seconds: number): Markup {
  const lanes = report.graph.lanes ?? [];
  if (lanes.length === 0) return html`<p>No automation.</p>`;
  const nodes = new Map(report.graph.nodes.map((node) => [node.id, node]));
  const { laneOf } = sortGraph(report);
  const x = timeAxis(seconds);
  return html`<div class="curves">${lanes.map((lane, i) => {
    const node = nodes.get(lane.node);
    if (!node || lane.points.length === 0) return false;
    const scale = scaleOf(report, laneOf, node, lane);
    const channel = shortened(laneOf.get(node.id)!.name, 40);
    const [first, last] = [lane.points[0], lane.points[lane.points.length - 1]];
    const at = ({ frame, value }: AutomationPoint) =>
      `${scale.text(value)} at ${clock(frame / report.sampleRateHz, 1)}`;
    const title = `${channel}: ${scale.name}`;
    const words =
      lane.points.length === 1 ? at(first) : `${lane.points.length} points, from ${at(first)} to ${at(last)}`;
    const curve = curveOf(lane, report.sampleRateHz, seconds);
    const points = curve.map(([time, value]) => [Math.min(1, x.at(time)), scale.y.at(value)] as const);
    return html`${plot({
      id: `${id}-lane-${i}`,
      title,
      description: `${title}. ${words}.`,
      unit: scale.unit,
      heightPx: HEIGHT,
      x,
      y: scale.y,
      layers: [html`<path class="line ink" d="${linePath(runsOf(points, HEIGHT))}"/>`],
      keys: [{ text: words, style: "line ink" }],
    })}`;
  })}</div>
`;
}

interface LaneScale {
  readonly name: string;
  readonly unit: string;
  readonly y: Axis;
  readonly text: (value: number | null) => string;
}

function scaleOf(
  report: GraphReport,
  laneOf: SortedGraph["laneOf"],
  node: GraphNode,
  lane: AutomationLane,
): LaneScale {
  const values = lane.points.flatMap(({ value }) => (value === null ? [] : [value]));
  if (node.kind === "pan") {
    const y = linearAxis(-1, 1, 1, panText);
    return { name: "Pan", unit: "L to R", y, text: (value) => panText(value ?? 0) };
  }
  if (node.kind === "plugin") {
    const manifest = report.manifests.get(node.plugin);
    const param = manifest?.params.find(({ id }) => id === lane.param);
    const name = `${nodeName(report, node)}, ${param ? paramName(param) : lane.param}`;
    const text = (value: number | null) => (param ? valueText(param, value ?? 0) : fixed(value ?? 0, 2));
    return { name, unit: "", y: valueAxis(values, param, text), text };
  }
  const lowest = Math.max(LOWEST_DRAWN_DB, Math.min(0, ...values));
  const highest = Math.max(0, ...values);
  const bottom = Math.floor((lowest - 1) / 6) * 6;
  const top = Math.ceil((highest + 1) / 6) * 6;
  const axis = linearAxis(bottom, top, top - bottom > 30 ? 12 : 6, (db) => fixed(db, 0));
  // Silence is drawn as the lowest level, so the lowest level is then called silence.
  const silent = values.length < lane.points.length;
  const ticks = axis.ticks.filter(({ value }) => value > bottom);
  const y = silent ? { ...axis, ticks: [{ value: bottom, text: SILENCE }, ...ticks] } : axis;
  const target = report.graph.edges.find(({ from }) => from.node === node.id)?.to.node ?? node.id;
  const name =
    node.kind === "send"
      ? `send to ${shortened(laneOf.get(target)!.name, 40)}`
      : nodeName(report, node).toLowerCase();
  return { name, unit: "dB", y, text: gainText };
}

/** From the lowest value of a lane to its highest, as its parameter's knob moves. */
function valueAxis(
  values: readonly number[],
  param: ParamInfo | undefined,
  text: (value: number) => string,
): Axis {
  const bend = param?.scale === "log" ? Math.log : (value: number) => value;
  const unbend = param?.scale === "log" ? Math.exp : (value: number) => value;
  const low = bend(Math.min(...values, param?.max ?? Number.POSITIVE_INFINITY));
  const high = bend(Math.max(...values, param?.min ?? Number.NEGATIVE_INFINITY));
  const margin = (high - low || 1) * 0.1;
  const middle = unbend((low + high) / 2);
  const marks = high > low ? [unbend(low), middle, unbend(high)] : [middle];
  return {
    at: (value) => (bend(value) - low + margin) / (high - low + 2 * margin),
    ticks: marks.map((value) => ({ value, text: text(value) })),
  };
}

/** Time and value along a lane, close enough together to look smooth. The curves are those of the graph's lanes. */
function curveOf(
  lane: AutomationLane,
  sampleRateHz: number,
  seconds: number,
): readonly (readonly [number, number])[] {
  const every = Math.ceil(lane.points.length / MOST_POINTS);
  const points = lane.points.filter((_, i) => i % every === 0 || i === lane.points.length - 1);
  const level = ({ value }: AutomationPoint) => value ?? SILENCE_DB;
  const curve: [number, number][] = [[0, level(points[0])]];
  for (const [i, from] of points.entries()) {
    const start = from.frame / sampleRateHz;
    curve.push([start, level(from)]);
    const to = points[i + 1];
    if (!to) continue;
    const end = to.frame / sampleRateHz;
    const steps = from.curve === "linear" || from.curve === "hold" ? 1 : STEPS_PER_SEGMENT;
    for (let step = 1; step <= steps; step++) {
      curve.push([
        start + ((end - start) * step) / steps,
        between(level(from), level(to), from.curve, step / steps),
      ]);
    }
  }
  curve.push([seconds, level(points[points.length - 1])]);
  return curve.filter(([time]) => time <= seconds);
}

function between(from: number, to: number, curve: AutomationPoint["curve"], t: number): number {
  if (curve === "hold") return from;
  if (curve === "exponential" && from * to > 0) return from * (to / from) ** t;
  if (curve === "s-curve") return from + (to - from) * t * t * (3 - 2 * t);
  return from + (to - from) * t;
}
