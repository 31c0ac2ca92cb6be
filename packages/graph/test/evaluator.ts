/**
 * A second opinion on what a graph computes: float64, on whole signals, straight from the description. It knows
 * nothing of plans, buffers or blocks.
 */
import type { AutomationLane, GraphNode } from "../src/index.ts";
import { type Case, FRAMES, sources } from "./random-graphs.ts";

export type Signal = readonly Float64Array[];

export interface Evaluation {
  /** By output node id, aligned, latency left in. */
  readonly outputs: ReadonlyMap<string, Signal>;
  readonly latencyFrames: number;
  /** The loudest sample anywhere in the graph: rounding is in proportion to it. */
  readonly peak: number;
}

/** A lane's value at a frame of the song, by the formulas of the description; null is -144 dB. */
export function laneAt({ points }: AutomationLane, frame: number): number {
  const plain = (i: number) => points[i].value ?? -144;
  const next = points.findIndex((point) => point.frame > frame);
  if (next === 0) return plain(0);
  if (next < 0) return plain(points.length - 1);
  const [v0, v1] = [plain(next - 1), plain(next)];
  const { frame: start, curve } = points[next - 1];
  const t = (frame - start) / (points[next].frame - start);
  if (curve === "hold") return v0;
  if (curve === "s-curve") return v0 + (v1 - v0) * (3 * t ** 2 - 2 * t ** 3);
  const ratio = v1 / v0;
  const exponential = curve === "exponential" && ratio > 0 && Number.isFinite(ratio);
  return exponential ? v0 * ratio ** t : (1 - t) * v0 + t * v1;
}

/** What a plugin is told: the value at the last of the points and of the frames 0, 32, 64 … */
function steppedLaneAt(lane: AutomationLane, frame: number): number {
  const last = lane.points.filter((point) => point.frame <= frame).at(-1)?.frame ?? 0;
  return laneAt(lane, Math.max(last, frame - (((frame % 32) + 32) % 32)));
}

const late = (signal: Signal, frames: number): Signal =>
  signal.map((x) => Float64Array.from(x, (_, i) => (i >= frames ? x[i - frames] : 0)));

const gainOf = (db: number) => (db <= -144 ? 0 : 10 ** (db / 20));

export function evaluate({ graph, latencies }: Case): Evaluation {
  const arrival = new Map<string, number>();
  const done = new Map<string, ReadonlyMap<string, Signal>>();
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  let peak = 0;

  const arrives = (id: string): number => {
    const known = arrival.get(id);
    if (known !== undefined) return known;
    const from = graph.edges.filter((e) => e.to.node === id).map((e) => e.from.node);
    const value = Math.max(0, ...from.map((f) => arrives(f) + (latencies.get(f) ?? 0)));
    arrival.set(id, value);
    return value;
  };
  const outputIds = graph.nodes.filter((node) => node.kind === "output").map((node) => node.id);
  const latencyFrames = Math.max(...outputIds.map(arrives));
  for (const id of outputIds) arrival.set(id, latencyFrames);

  const port = (id: string, name: string, channels: number): Signal => {
    const sum = Array.from({ length: channels }, () => new Float64Array(FRAMES));
    for (const { from, to } of graph.edges) {
      if (to.node !== id || to.port !== name) continue;
      const wait = arrives(id) - arrives(from.node) - (latencies.get(from.node) ?? 0);
      const x = late(signals(from.node).get(from.port)!, wait);
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < FRAMES; i++) {
          sum[c][i] += x.length === channels ? x[c][i] : x.length === 1 ? x[0][i] : (x[0][i] + x[1][i]) / 2;
        }
      }
    }
    return sum;
  };
  const signals = (id: string): ReadonlyMap<string, Signal> => {
    const known = done.get(id);
    if (known) return known;
    const value = compute(byId.get(id)!);
    for (const signal of value.values()) {
      for (const channel of signal) for (const x of channel) peak = Math.max(peak, Math.abs(x));
    }
    done.set(id, value);
    return value;
  };
  /** The parameter that may be automated, at each frame of the engine. */
  const moving = (node: GraphNode, still: number, at = laneAt) => {
    const lane = graph.lanes?.find((candidate) => candidate.node === node.id);
    return (i: number) => (lane ? at(lane, i - arrives(node.id)) : still);
  };
  const compute = (node: GraphNode): ReadonlyMap<string, Signal> => {
    const out = (signal: Signal) => new Map([["out", signal]]);
    if (node.kind === "input") return out(sources.get(node.id)!.map((x) => Float64Array.from(x)));
    const x = port(node.id, "in", node.channels);
    switch (node.kind) {
      case "gain":
      case "send": {
        const db = moving(node, node.gainDb ?? -144);
        return out(x.map((channel) => channel.map((v, i) => v * gainOf(db(i)) * (node.invert ? -1 : 1))));
      }
      case "pan": {
        const pan = moving(node, node.pan);
        const side = (p: number) => {
          const [linear, power] = [(1 - p) / 2, Math.cos(((p + 1) * Math.PI) / 4)];
          if (node.channels === 2 || node.law === "balance") return Math.min(1, 1 - p);
          if (node.law === "-6dB") return linear;
          return node.law === "-3dB" ? power : Math.sqrt(Math.max(0, linear * power));
        };
        return out([x[0].map((v, i) => v * side(pan(i))), (x[1] ?? x[0]).map((v, i) => v * side(-pan(i)))]);
      }
      case "delay":
        return out(late(x, node.delayFrames));
      case "plugin": {
        const key = port(node.id, "key", 2);
        const level = moving(node, 1, steppedLaneAt);
        const main = x.map((channel, c) => channel.map((v, i) => level(i) * (0.5 * v + 0.25 * key[c][i])));
        const aux = [x[0].map((v, i) => (v + x[1][i]) / 4)];
        const wait = latencies.get(node.id)!;
        return new Map([
          ["out", late(main, wait)],
          ["aux", late(aux, wait)],
        ]);
      }
      default:
        return out(x);
    }
  };
  const outputs = new Map(outputIds.map((id) => [id, signals(id).get("out")!]));
  return { outputs, latencyFrames, peak };
}
