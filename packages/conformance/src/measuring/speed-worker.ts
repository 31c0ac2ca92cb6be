/** The thread in which plugins run while their speed is measured; the other end of speed-thread.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { type LoadedPlugin, ModulePlugin, PluginFault, reasonOf, WasmPlugin } from "@gainstage/plugin-api";
import { BeatingWatch } from "../playing/watched-plugin.ts";
import { nsPerFrame } from "./speed.ts";
import type { SpeedAnswer, SpeedJob, SpeedQuestion, TimedCode } from "./speed-thread.ts";

const { codes, sampleRateHz, beat } = workerData as SpeedJob;
const watch = new BeatingWatch(new Int32Array(beat));
const plugins: (Promise<LoadedPlugin> | undefined)[] = [];

async function load(code: TimedCode): Promise<LoadedPlugin> {
  watch.enter("the module");
  try {
    if ("module" in code) return new WasmPlugin(code.manifest, code.module);
    const exported: { readonly default?: unknown } = await import(code.url);
    return new ModulePlugin(code.manifest, exported.default);
  } catch (error) {
    if (error instanceof PluginFault) throw error;
    throw new PluginFault("entry-unreadable", code.manifest.id, `it cannot be loaded: ${reasonOf(error)}`);
  } finally {
    watch.leave();
  }
}

/** Only activation is seen call by call: see nsPerFrame(). */
function activating(plugin: LoadedPlugin): LoadedPlugin {
  return {
    manifest: plugin.manifest,
    activate(setup, host) {
      watch.enter("activate()");
      try {
        return plugin.activate(setup, host);
      } finally {
        watch.leave();
      }
    },
  };
}

async function answer({ index, params, blockFrames }: SpeedQuestion): Promise<SpeedAnswer> {
  const { id } = codes[index].manifest;
  try {
    plugins[index] ??= load(codes[index]);
    const plugin = activating(await plugins[index]);
    return { ns: nsPerFrame(plugin, { params, sampleRateHz }, blockFrames, undefined, watch) };
  } catch (error) {
    const fault = [error, (error as Error).cause].find((e) => e instanceof PluginFault);
    if (fault) return { code: fault.code, why: fault.message.replace(`plugin ${id}: `, "") };
    return { code: "trap", why: reasonOf(error) };
  }
}

parentPort!.on("message", async (question: SpeedQuestion) => {
  parentPort!.postMessage(await answer(question));
});
