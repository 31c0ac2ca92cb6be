/** How long a plugin takes, in what an undisturbed machine needs: the fastest of several runs. */
import type { LoadedPlugin } from "@gainstage/plugin-api";
import type { Case } from "./case.ts";
import { withProcessor } from "./play.ts";
import { noise } from "./signals.ts";
import { mainInputOf, runBlock } from "./stream.ts";

const RUNS = 7;
/** Of audio in each run. */
const RUN_FRAMES = 24_576;

/** Of process() alone, with noise in the main input, or what `spoil` makes of it. */
export function nanosecondsPerFrame(
  plugin: LoadedPlugin,
  given: Case,
  blockFrames: number,
  spoil: (channel: Float32Array) => void = () => {},
): number {
  return withProcessor(plugin, { ...given, maxFrames: blockFrames, blocks: [blockFrames] }, (processor) => {
    for (const [c, channel] of mainInputOf(processor).entries()) {
      channel.set(noise(channel.length, 90 + c));
      spoil(channel);
    }
    const blocks = Math.ceil(RUN_FRAMES / blockFrames);
    let fastest = Number.POSITIVE_INFINITY;
    for (let run = 0; run <= RUNS; run++) {
      const before = performance.now();
      for (let k = 0; k < blocks; k++) runBlock(processor, blockFrames);
      const ms = performance.now() - before;
      // The first is for the compiler.
      if (run > 0) fastest = Math.min(fastest, ms);
    }
    return (fastest * 1e6) / (blocks * blockFrames);
  });
}
