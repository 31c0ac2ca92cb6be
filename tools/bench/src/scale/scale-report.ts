/** `--scale`: how our own cost grows, and what it is made of. */
import { createHost } from "@gainstage/host";
import { columns } from "../report.ts";
import { type Growth, growth } from "./growth.ts";
import { type Cost, nodeCosts } from "./node-cost.ts";
import { type PlanTime, planTimes } from "./plan-time.ts";
import { pluginCosts } from "./plugin-cost.ts";
import { type Share, shares } from "./shares.ts";

export interface ScaleReport {
  readonly rounds: number;
  readonly plans: readonly PlanTime[];
  readonly nodes: readonly Cost[];
  readonly plugins: readonly Cost[];
  readonly shares: readonly Share[];
  readonly growth: readonly Growth[];
}

export async function scaleReport(rounds: number, tell: (doing: string) => void): Promise<ScaleReport> {
  const host = createHost();
  tell("scale: plans of 100 to 20,000 nodes");
  const plans = planTimes(rounds);
  tell("scale: the engine's own nodes");
  const nodes = await nodeCosts(host, rounds);
  tell("scale: plugins and their twins");
  const plugins = await pluginCosts(host, rounds);
  tell("scale: where the time of W1 to W4 goes");
  const parts = await shares(host, rounds);
  const grown = await growth(host, rounds, ({ tracks, pluginsPerTrack, seconds }) =>
    tell(`scale: ${tracks} tracks with ${pluginsPerTrack} plugins, ${seconds} s`),
  );
  return { rounds, plans, nodes, plugins, shares: parts, growth: grown };
}

export function scaleText({
  rounds,
  plans,
  nodes,
  plugins,
  shares: parts,
  growth: grown,
}: ScaleReport): string {
  const planRows = plans.map((plan) => [
    String(plan.nodes),
    String(plan.edges),
    ...[plan.validateMs, plan.compensateMs, plan.lowerMs, plan.wholeMs].map((ms) => ms.toFixed(2)),
    plan.bytesPerNode.toFixed(0),
  ]);
  const costRows = [...nodes, ...plugins].map(({ what, wasm, twin }) => [
    what,
    wasm.toFixed(2),
    twin?.toFixed(2) ?? "none",
    twin === null ? "" : (twin / wasm).toFixed(1),
  ]);
  const shareRows = parts.map(({ workload, what, nsPerFrame }) => [workload, what, nsPerFrame.toFixed(2)]);
  const growthRows = grown.map(({ tracks, pluginsPerTrack, seconds, nsPerFrame, nsPerFrameAndPlugin }) => [
    ...[tracks, pluginsPerTrack, seconds].map(String),
    nsPerFrame.toFixed(1),
    nsPerFrameAndPlugin.toFixed(2),
  ]);
  const lines = [
    `${rounds} rounds: medians of the plans, the least of everything else`,
    "",
    "From a description to a plan in memory, milliseconds",
    ...columns([
      ["nodes", "edges", "validate", "compensate", "lower", "whole", "bytes per node"],
      ...planRows,
    ]),
    "",
    "Kernels, nanoseconds per stereo frame in blocks of 512",
    ...columns([["", "wasm", "scalar TypeScript", "times"], ...costRows]),
    "",
    "Where the time goes, nanoseconds per frame",
    ...columns([["workload", "", "ns"], ...shareRows]),
    "",
    "Growth, nanoseconds per frame",
    ...columns([["tracks", "plugins each", "seconds", "all", "per plugin"], ...growthRows]),
  ];
  return `${lines.join("\n")}\n`;
}
