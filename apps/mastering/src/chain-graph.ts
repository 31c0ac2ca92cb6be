/**
 * The mastering chain as a graph:
 *
 *   input ─▶ level ─▶ equalizer ─▶ compressor ─▶ stereo imager ─▶ inserts ─▶ limiter ─▶ meter ─▶ output "master"
 *
 * `level` brings the programme to the loudness that the preset's thresholds are made for; inserts are any further effects;
 * the limiter's input gain brings the whole to its target.
 */
import type { ChannelCount, GraphDescription, GraphEdge, GraphNode } from "@gainstage/graph";
import { checkParams, type Host } from "@gainstage/host";
import type { ChainLink, MasteringPreset } from "./preset.ts";

export const INPUT = "input";
export const OUTPUT = "master";
/** What is rendered once; the limiter again and again, with another drive. */
export const BEFORE_LIMITER = ["equalizer", "compressor", "stereo-imager", "inserts"] as const;
const ALL = [...BEFORE_LIMITER, "limiter"] as const;

/** An effect that the preset does not have. */
export interface ChainInsert {
  /** The plugin's id, or the end of it. */
  readonly plugin: string;
  /** Plain values or ids of choices, by parameter id; the rest are at their defaults. */
  readonly params: Readonly<Record<string, number | string>>;
}

export const insertNode = (index: number): string => `insert${index + 1}`;

export interface ChainSettings {
  readonly preset: MasteringPreset;
  readonly inserts?: readonly ChainInsert[];
  readonly levelDb: number;
  readonly driveDb: number;
  readonly ceilingDbtp: number;
}

/** The whole chain, or only the links named; "inserts" are a link too. Two channels throughout, but before the first effect. */
export function chainGraph(
  host: Host,
  settings: ChainSettings,
  sourceChannels: ChannelCount,
  links: readonly (ChainLink | "inserts")[] = ALL,
): GraphDescription {
  const nodes: GraphNode[] = [{ kind: "input", id: INPUT, channels: sourceChannels }];
  const edges: GraphEdge[] = [];
  const add = (node: GraphNode) => {
    edges.push({
      from: { node: nodes[nodes.length - 1].id, port: "out" },
      to: { node: node.id, port: "in" },
    });
    nodes.push(node);
  };
  if (links.includes("equalizer")) {
    add({ kind: "gain", id: "level", channels: sourceChannels, gainDb: settings.levelDb });
  }
  for (const link of links) {
    if (link === "inserts") {
      for (const [i, { plugin, params: asked }] of (settings.inserts ?? []).entries()) {
        const { manifest } = host.catalog.find(plugin);
        const params = checkParams(manifest, asked);
        add({ kind: "plugin", id: insertNode(i), plugin: manifest.id, params, channels: 2 });
      }
      continue;
    }
    const { manifest } = host.catalog.find(link);
    const own =
      link === "limiter" ? { inputGainDb: settings.driveDb, ceilingDbtp: settings.ceilingDbtp } : {};
    const params = checkParams(manifest, { ...settings.preset.params[link], ...own });
    add({ kind: "plugin", id: link, plugin: manifest.id, params, channels: 2 });
  }
  add({ kind: "meter", id: "meter", channels: 2 });
  add({ kind: "output", id: OUTPUT, channels: 2 });
  return { nodes, edges };
}
