/** What each plugin costs in nanoseconds per stereo frame at its defaults and worked hard, beside its scalar twin. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PluginNode } from "@gainstage/graph";
import { type CatalogEntry, checkParams, type Host, instantiate, readCode, shortName } from "@gainstage/host";
import { type LoadedPlugin, ModulePlugin, processSetup } from "@gainstage/plugin-api";
import { programme, type Stereo } from "../material.ts";
import { equalizerParams } from "../ours/graphs.ts";
import { EQ8, SAMPLE_RATE_HZ } from "../workloads.ts";
import type { Cost } from "./node-cost.ts";
import { inTurn } from "./repeated.ts";

const BLOCK_FRAMES = 512;
const FRAMES = SAMPLE_RATE_HZ;
/** Twins are slow, some by orders of magnitude. */
const TWIN_FRAMES = 8 * BLOCK_FRAMES;

/** Settings that make a plugin work hard. One that is not named here is measured at its defaults alone. */
const HEAVY: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // A cathedral, half as long again.
  convolver: { space: 2, decayPercent: 150, preDelayMs: 20, lowCutHz: 100, highCutHz: 8000, mixPercent: 50 },
  chorus: { voices: 8, depthMs: 10, feedbackPercent: 50 },
  compressor: { detector: 1, highpassHz: 100, linkPercent: 50, lookaheadMs: 5, mixPercent: 50 },
  delay: { clock: 0, timeMs: 50, feedbackPercent: 80, lowCutHz: 200, depthMs: 5, duckDb: 12, mixPercent: 50 },
  limiter: { inputGainDb: 12, linkPercent: 50 },
  reverb: { modulationPercent: 100, preDelayMs: 20, decayS: 8, mixPercent: 100 },
  "stereo-imager": {
    width1Percent: 50,
    width2Percent: 120,
    width3Percent: 150,
    width4Percent: 80,
    monoBelowHz: 120,
    rotationDegrees: 10,
  },
};

export async function pluginCosts(host: Host, rounds: number): Promise<readonly Cost[]> {
  const source = programme(FRAMES);
  const excerpt = [source[0].subarray(0, TWIN_FRAMES), source[1].subarray(0, TWIN_FRAMES)] as const;
  const costs: Cost[] = [];
  for (const entry of host.catalog.entries) {
    if (entry.origin !== "first-party") continue;
    const name = shortName(entry.manifest.id);
    const heavy = name === "equalizer" ? equalizerParams(host.catalog, EQ8) : HEAVY[name];
    const wasm = await instantiate(readCode(entry, host.loading));
    const twin = await twinOf(entry);
    for (const [setting, params] of [["", {}] as const, ...(heavy ? [[", heavy", heavy] as const] : [])]) {
      const runs = [runOf(wasm, { params }, source), ...(twin ? [runOf(twin, { params }, excerpt)] : [])];
      const [ours, theirs] = inTurn(runs, rounds);
      costs.push({
        what: `${name}${setting}`,
        wasm: ours / FRAMES,
        twin: twin ? theirs / TWIN_FRAMES : null,
      });
    }
  }
  return costs;
}

/** What the package's src/index.ts exports as a plugin, if anything. */
async function twinOf({ manifest, source }: CatalogEntry): Promise<LoadedPlugin | undefined> {
  const path = join(source.place, "src/index.ts");
  if (!existsSync(path)) return undefined;
  const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
  const plugin = Object.values(exported).find((value) => value instanceof Object && "activate" in value);
  return plugin && new ModulePlugin(manifest, plugin);
}

/** Runs the source through a processor of the plugin. */
export function runOf(
  plugin: LoadedPlugin,
  { params, state }: Pick<PluginNode, "params" | "state">,
  source: Stereo,
): () => void {
  const { manifest } = plugin;
  const processor = plugin.activate(
    processSetup(manifest, {
      sampleRateHz: SAMPLE_RATE_HZ,
      maxFrames: BLOCK_FRAMES,
      maxChannels: 2,
      layout: "stereo",
      params: checkParams(manifest, params),
      ...(state && { state }),
    }),
  );
  const { block } = processor;
  const frames = source[0].length;
  return () => {
    for (let at = 0; at < frames; at += BLOCK_FRAMES) {
      block.frames = Math.min(BLOCK_FRAMES, frames - at);
      const end = at + block.frames;
      for (const [c, channel] of block.inputs[0].entries()) channel.set(source[c].subarray(at, end));
      block.silentOutputs.fill(0);
      processor.process();
    }
  };
}
