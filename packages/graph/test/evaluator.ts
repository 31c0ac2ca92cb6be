/**
 * A second opinion on what a graph computes: float64, frame by frame through the whole graph, straight from the
 * description. It knows nothing of plans, buffers, blocks or delay lines: each port keeps all that it ever put out.
 */
import { type AutomationLane, type GraphEdge, type GraphNode, mixMatrix } from "../src/index.ts";
import { arrivalsOf, type Case, FRAMES, sources } from "./random-graphs.ts";

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

const gainOf = (db: number) => (db <= -144 ? 0 : 10 ** (db / 20));

function panGains({ channels, law }: Extract<GraphNode, { kind: "pan" }>, pan: number): [number, number] {
  const side = (p: number) => {
    const [linear, power] = [(1 - p) / 2, Math.cos(((p + 1) * Math.PI) / 4)];
    if (channels === 2 || law === "balance") return Math.min(1, 1 - p);
    if (law === "-6dB") return linear;
    return law === "-3dB" ? power : Math.sqrt(Math.max(0, linear * power));
  };
  return [side(pan), side(-pan)];
}

/** Channels of each output port; "aux" is the plugin's second one. */
function portsOf(node: GraphNode): readonly [string, number][] {
  if (node.kind === "pan") return [["out", 2]];
  return node.kind === "plugin"
    ? [
        ["out", 2],
        ["aux", 1],
      ]
    : [["out", node.channels]];
}

export function evaluate({ graph, latencies }: Case): Evaluation {
  const arrivals = arrivalsOf(graph, latencies);
  const { order, latencyFrames } = arrivals;
  const arrives = (id: string) => arrivals.at.get(id)!;
  const leaves = (id: string) => arrives(id) + (latencies.get(id) ?? 0);
  const past = new Map<string, Float64Array[]>();
  for (const node of graph.nodes) {
    for (const [port, channels] of portsOf(node))
      past.set(
        `${node.id}:${port}`,
        Array.from({ length: channels }, () => new Float64Array(FRAMES)),
      );
  }
  /** What plugins and delay nodes have taken in and not put out yet. */
  const inside = new Map<string, number[][][]>();
  const incoming = new Map<string, GraphEdge[]>();
  for (const edge of graph.edges) {
    const key = `${edge.to.node}:${edge.to.port}`;
    incoming.set(key, [...(incoming.get(key) ?? []), edge]);
  }

  const heard = (id: string, port: string, channels: number, i: number): number[] => {
    const sum = new Array<number>(channels).fill(0);
    for (const { from, to, mix, feedbackFrames = 0 } of incoming.get(`${id}:${port}`) ?? []) {
      const source = past.get(`${from.node}:${from.port}`)!;
      const at = i - (arrives(to.node) - leaves(from.node)) - feedbackFrames;
      if (at < 0) continue;
      const matrix = mix ?? mixMatrix(source.length, channels);
      for (let c = 0; c < channels; c++)
        for (let k = 0; k < source.length; k++) sum[c] += matrix[c][k] * source[k][at];
    }
    return sum;
  };
  const moving = (node: GraphNode, still: number, i: number, at = laneAt) => {
    const lane = graph.lanes?.find((candidate) => candidate.node === node.id);
    return lane ? at(lane, i - arrives(node.id)) : still;
  };
  const late = (id: string, frames: number, now: number[][]): number[][] => {
    const queue = inside.get(id) ?? Array.from({ length: frames }, () => now.map((xs) => xs.map(() => 0)));
    inside.set(id, queue);
    queue.push(now);
    return queue.shift()!;
  };
  const compute = (node: GraphNode, i: number): number[][] => {
    if (node.kind === "input") return [sources.get(node.id)!.map((x) => x[i])];
    const x = heard(node.id, "in", node.channels, i);
    switch (node.kind) {
      case "gain":
      case "send": {
        const gain = gainOf(moving(node, node.gainDb ?? -144, i)) * (node.invert ? -1 : 1);
        return [x.map((v) => v * gain)];
      }
      case "pan": {
        const [left, right] = panGains(node, moving(node, node.pan, i));
        return [[x[0] * left, (x[1] ?? x[0]) * right]];
      }
      case "delay":
        return late(node.id, node.delayFrames, [x]);
      case "plugin": {
        const key = heard(node.id, "key", 2, i);
        const level = moving(node, 1, i, steppedLaneAt);
        const main = x.map((v, c) => level * (0.5 * v + 0.25 * key[c]));
        return late(node.id, latencies.get(node.id)!, [main, [(x[0] + x[1]) / 4]]);
      }
      default:
        return [x];
    }
  };

  let peak = 0;
  for (let i = 0; i < FRAMES; i++) {
    for (const node of order) {
      for (const [p, values] of compute(node, i).entries()) {
        const channels = past.get(`${node.id}:${portsOf(node)[p][0]}`)!;
        for (const [c, value] of values.entries()) {
          channels[c][i] = value;
          peak = Math.max(peak, Math.abs(value));
        }
      }
    }
  }
  const outputs = graph.nodes.filter((node) => node.kind === "output");
  return { outputs: new Map(outputs.map(({ id }) => [id, past.get(`${id}:out`)!])), latencyFrames, peak };
}
