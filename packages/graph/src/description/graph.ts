/**
 * A graph as a plain value: nodes, edges between their ports, and automation lanes.
 *
 * Several edges into one port are summed in the order in which the description lists them. An edge between ports of
 * different layouts mixes up or down as layouts.ts says, or by a matrix of its own. Time is in frames from the song's
 * first one.
 */

import type { PluginCard, SavedState } from "@gainstage/plugin-api";
import type { SongTime } from "../running/song-clock.ts";
import type { MixMatrix } from "./layouts.ts";

export interface GraphDescription {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly lanes?: readonly AutomationLane[];
  /** Without it plugins are told of no song. */
  readonly song?: SongTime;
}

/** A graph whose nodes may be graphs: see flatten(). */
export interface NestedGraph extends Omit<GraphDescription, "nodes"> {
  readonly nodes: readonly (GraphNode | SubGraphNode)[];
}

/** A graph as a node of another: its ports are the ids of its inputs and outputs. */
export interface SubGraphNode {
  readonly kind: "graph";
  readonly id: string;
  readonly graph: NestedGraph;
}

export type GraphNode =
  | InputNode
  | OutputNode
  | GainNode
  | PanNode
  | SumNode
  | DelayNode
  | MeterNode
  | PluginNode;

/** 1 mono, 2 stereo, 3 lcr, 4 quad, 6 5.1, 8 7.1, 12 7.1.4; other counts up to 64 are channels without a place. */
export type ChannelCount = number;

/** Audio from outside: its port is "out". */
export interface InputNode {
  readonly kind: "input";
  readonly id: string;
  readonly channels: ChannelCount;
}

/** Audio to the outside: its port is "in". */
export interface OutputNode {
  readonly kind: "output";
  readonly id: string;
  readonly channels: ChannelCount;
}

/** A fader, a trim or a send. Ports "in", "out"; the parameter "gainDb" can be automated; null is silence. */
export interface GainNode {
  readonly kind: "gain" | "send";
  readonly id: string;
  readonly channels: ChannelCount;
  readonly gainDb: number | null;
  /** Turns the polarity over. */
  readonly invert?: boolean;
}

export const PAN_LAWS = ["-3dB", "-4.5dB", "-6dB", "balance"] as const;
export type PanLaw = (typeof PAN_LAWS)[number];

/** One or two channels in, always two out. Two channels are balanced, whatever the law. The parameter is "pan". */
export interface PanNode {
  readonly kind: "pan";
  readonly id: string;
  readonly channels: ChannelCount;
  /** -1 left to 1 right */
  readonly pan: number;
  readonly law: PanLaw;
}

/** A bus: where edges meet. */
export interface SumNode {
  readonly kind: "sum";
  readonly id: string;
  readonly channels: ChannelCount;
}

/** An audible delay, not compensated. */
export interface DelayNode {
  readonly kind: "delay";
  readonly id: string;
  readonly channels: ChannelCount;
  readonly delayFrames: number;
}

/** Passes its input through and gathers its level. */
export interface MeterNode {
  readonly kind: "meter";
  readonly id: string;
  readonly channels: ChannelCount;
}

/** An effect. Its ports are those of the plugin's manifest. */
export interface PluginNode {
  readonly kind: "plugin";
  readonly id: string;
  /** The plugin's id, "dev.gainstage.equalizer". */
  readonly plugin: string;
  /** Which versions will do, as a semver range; any if there is none. */
  readonly version?: string;
  /** The content hash of the package whose sound this is. Another one of the same version is told, not refused. */
  readonly integrity?: string;
  readonly state?: SavedState;
  /** For the placeholder, where the plugin cannot be had. */
  readonly card?: PluginCard;
  /** Plain values by parameter id; what is not named takes its default. */
  readonly params: Readonly<Record<string, number>>;
  /** Its input is heard in its place, late by its latency: to begin with, and until the engine is told otherwise. */
  readonly bypassed?: boolean;
  /** Of the main ports. */
  readonly channels: ChannelCount;
}

export interface PortRef {
  readonly node: string;
  readonly port: string;
}

export interface GraphEdge {
  readonly from: PortRef;
  readonly to: PortRef;
  /** How channels are mixed: linear gains, [target channel][source channel]. Default: by the layouts (layouts.ts). */
  readonly mix?: MixMatrix;
  /**
   * A way back, the only one by which a graph may have a cycle: what arrives is this many frames older in the song than
   * what it meets, a whole number. Latency on the loop comes out of it, so it must be longer than that.
   */
  readonly feedbackFrames?: number;
}

/** Of values, so of decibels for a gain. "exponential" is linear from or to zero, or across it. */
export const CURVES = ["hold", "linear", "exponential", "s-curve"] as const;
export type Curve = (typeof CURVES)[number];

export interface AutomationPoint {
  /** A whole number, at least 0, above that of the point before. */
  readonly frame: number;
  /** Plain, in the parameter's unit; null is silence, for gains: the end of a curve at -144 dB, where a fader is closed. */
  readonly value: number | null;
  /** How the value goes on from here to the next point. */
  readonly curve: Curve;
}

export interface AutomationLane {
  readonly node: string;
  readonly param: string;
  readonly points: readonly AutomationPoint[];
}

/** What the compiler must know of an activated plugin. */
export interface PluginShape {
  readonly inputs: readonly ShapePort[];
  readonly outputs: readonly ShapePort[];
  readonly latencyFrames: number;
  /** In manifest order. */
  readonly paramIds: readonly string[];
}

export interface ShapePort {
  readonly id: string;
  readonly channels: ChannelCount;
}

/** By node id. */
export type PluginShapes = ReadonlyMap<string, PluginShape>;

const IN: ShapePort = { id: "in", channels: 1 };
const OUT: ShapePort = { id: "out", channels: 1 };

export function inputPorts(node: GraphNode, shapes: PluginShapes): readonly ShapePort[] {
  if (node.kind === "plugin") return shapes.get(node.id)?.inputs ?? [];
  return node.kind === "input" ? [] : [{ ...IN, channels: node.channels }];
}

export function outputPorts(node: GraphNode, shapes: PluginShapes): readonly ShapePort[] {
  if (node.kind === "plugin") return shapes.get(node.id)?.outputs ?? [];
  if (node.kind === "output") return [];
  return [{ ...OUT, channels: node.kind === "pan" ? 2 : node.channels }];
}

/** The parameters of a node that a lane may drive, in the order of their indices. */
export function paramIds(node: GraphNode, shapes: PluginShapes): readonly string[] {
  if (node.kind === "plugin") return shapes.get(node.id)?.paramIds ?? [];
  if (node.kind === "gain" || node.kind === "send") return ["gainDb"];
  return node.kind === "pan" ? ["pan"] : [];
}
