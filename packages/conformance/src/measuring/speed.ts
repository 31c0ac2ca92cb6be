/** How long a plugin takes, in what an undisturbed machine needs: the fastest of several runs. */
import type { LoadedPlugin } from "@gainstage/plugin-api";
import type { Case } from "../cases/case.ts";
import { withProcessor } from "../playing/play.ts";
import { noise } from "../playing/signals.ts";
import { mainInputOf, runBlock } from "../playing/stream.ts";
import { UNWATCHED, type Watch } from "../playing/watched-plugin.ts";

const RUNS = 7;
/** Of audio in each run. */
export const RUN_FRAMES = 24_576;

/**
 * Nanoseconds of process() alone for each frame, at one setting: `given` names parameters by id, the rate, the layout
 * and the ports that are connected, all with defaults. The main input has noise, or what `spoil` makes of it. `watch`
 * sees each run, and not each call, whose time it would add to. Throws a CheckFailed if the plugin refuses or fails.
 */
export function nsPerFrame(
  plugin: LoadedPlugin,
  given: Pick<Case, "params" | "sampleRateHz" | "layout" | "connected"> = {},
  blockFrames = 128,
  spoil: (channel: Float32Array) => void = () => {},
  watch: Watch = UNWATCHED,
): number {
  return withProcessor(plugin, { ...given, maxFrames: blockFrames, blocks: [blockFrames] }, (processor) => {
    for (const [c, channel] of mainInputOf(processor).entries()) {
      channel.set(noise(channel.length, 90 + c));
      spoil(channel);
    }
    const blocks = Math.ceil(RUN_FRAMES / blockFrames);
    let fastest = Number.POSITIVE_INFINITY;
    for (let run = 0; run <= RUNS; run++) {
      watch.enter("process()");
      const before = performance.now();
      for (let k = 0; k < blocks; k++) runBlock(processor, blockFrames);
      const ms = performance.now() - before;
      watch.leave();
      // The first is for the compiler.
      if (run > 0) fastest = Math.min(fastest, ms);
    }
    return (fastest * 1e6) / (blocks * blockFrames);
  });
}
