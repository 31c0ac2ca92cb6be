/**
 * The mastering chain as a graph:
 *
 *   input ─▶ level ─▶ equalizer ─▶ compressor ─▶ stereo imager ─▶ limiter ─▶ meter ─▶ output "master"
 *
 * `level` brings the programme to the loudness that the preset's thresholds are made for; the limiter's input gain
 * brings the whole to its target.
 */
import type { ChannelCount, GraphDescription, GraphEdge, GraphNode } from "@gainstage/graph";
import { checkParams, type Host } from "@gainstage/host";
import { CHAIN, type ChainLink, type MasteringPreset } from "./preset.ts";

export const INPUT = "input";
export const OUTPUT = "master";

export interface ChainSettings {
  readonly preset: MasteringPreset;
  readonly levelDb: number;
  readonly driveDb: number;
  readonly ceilingDbtp: number;
}

/** The whole chain, or only the links named. Two channels throughout. */
export function chainGraph(
  host: Host,
  settings: ChainSettings,
  sourceChannels: ChannelCount,
  links: readonly ChainLink[] = CHAIN,
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
