/** What a node of a graph is called, and what its box in the drawing says. */
import type { GraphNode } from "@gainstage/graph";
import { framesText, gainText, panText, shortened } from "./number-text.ts";
import type { GraphReport } from "./report-data.ts";

const LONGEST_LINE = 18;

/** "fader" of "kick/fader"; ids without a strip as they are. */
export function partOf(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

/** A strip's or bus's name by the first part of its nodes' ids. */
export function channelName(report: GraphReport, channel: string): string {
  return report.channelNames.get(channel) ?? (channel === "master" ? "Master" : channel);
}

/** "Fader", "Compressor". */
export function nodeName(report: GraphReport, node: GraphNode): string {
  if (node.kind === "plugin") return report.manifests.get(node.plugin)?.name ?? node.plugin;
  if (node.kind === "input") return partOf(node.id) === "source" ? "Source" : "Input";
  if (node.kind === "gain") return capital(partOf(node.id));
  return capital(node.kind);
}

export function nodeValue(report: GraphReport, node: GraphNode): string {
  if (report.graph.lanes?.some((lane) => lane.node === node.id)) return "automated";
  switch (node.kind) {
    case "gain":
    case "send":
      return gainText(node.gainDb) + (node.invert ? ", inv." : "");
    case "pan":
      return panText(node.pan);
    case "delay":
      return framesText(node.delayFrames, report.sampleRateHz);
    case "plugin":
      return partOf(node.id);
    case "output":
      return partOf(node.id);
    default:
      return node.channels === 1 ? "mono" : "stereo";
  }
}

/** "adds 240 fr, 5.0 ms" and "in 240 fr, 5.0 ms": what the node adds, and how late what it hears is. */
export function latencyLines(report: GraphReport, node: GraphNode): readonly string[] {
  const { inFrames = 0, ownFrames = 0 } = report.latencies.get(node.id) ?? {};
  return [
    ...(ownFrames > 0 ? [`adds ${framesText(ownFrames, report.sampleRateHz)}`] : []),
    ...(inFrames > 0 ? [`in ${framesText(inFrames, report.sampleRateHz)}`] : []),
  ];
}

/** Name, value, latency; each short enough for a box. */
export function boxLines(report: GraphReport, node: GraphNode): readonly string[] {
  const lines = [nodeName(report, node), nodeValue(report, node)].map((line) =>
    shortened(line, LONGEST_LINE),
  );
  return [...lines, ...latencyLines(report, node)];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
