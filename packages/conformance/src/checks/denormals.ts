import { type Check, demand } from "../check.ts";
import { nsPerFrame } from "../measuring/speed.ts";
import { signalOf, withProcessor } from "../playing/play.ts";
import { SAMPLE_RATE_HZ, stream } from "../playing/stream.ts";

/** Below it, a time is a matter of luck. */
const SLOW_RATIO = 2;
const DENORMAL = 1e-40;

const denormalInput: Check = {
  id: "P11",
  level: "should",
  timed: true,
  title: "takes no longer for an input of subnormal numbers",
  run({ plugin, measured }) {
    const sound = nsPerFrame(plugin, {}, 512);
    const tiny = nsPerFrame(plugin, {}, 512, (channel) => {
      for (let i = 0; i < channel.length; i++) channel[i] *= DENORMAL;
    });
    const ratio = tiny / sound;
    measured(`× ${ratio.toFixed(2)}`);
    demand(ratio <= SLOW_RATIO, `takes ${ratio.toFixed(1)} times as long for an input of subnormal numbers`);
  },
};

const SILENCE_SECONDS = 60;
/** A machine that is busy for a moment is no denormal: those last. */
const LASTING_PARTS = 4;
const PART_FRAMES = SAMPLE_RATE_HZ / 4;

const denormalTail: Check = {
  id: "P12",
  level: "should",
  timed: true,
  title: "takes no longer in the silence after a sound, until it is at rest",
  run({ plugin, measured }) {
    withProcessor(plugin, {}, (processor) => {
      const sound = signalOf(processor, { frames: PART_FRAMES });
      const quiet = signalOf(processor, { frames: PART_FRAMES, signal: { kind: "silence" } });
      let left = 0;
      const timed = (audio: readonly Float32Array[]) => {
        const before = performance.now();
        stream(processor, audio, { blocks: [512], onBlock: (now) => (left = now) });
        return performance.now() - before;
      };
      for (let k = 0; k < 8; k++) timed(sound);
      const loud = Math.min(...Array.from({ length: 12 }, () => timed(sound)));
      const times: number[] = [];
      while (left > 0 && times.length * PART_FRAMES < SILENCE_SECONDS * SAMPLE_RATE_HZ)
        times.push(timed(quiet));
      const lasting = times.map((_, k) => Math.min(...times.slice(k, k + LASTING_PARTS)));
      const slowest = Math.max(0, ...lasting.slice(0, Math.max(1, 1 - LASTING_PARTS + times.length)));
      const ratio = slowest / loud;
      measured(times.length === 0 ? "at rest at once" : `× ${ratio.toFixed(2)}`);
      demand(ratio <= SLOW_RATIO, `takes ${ratio.toFixed(1)} times as long in silence as for noise`);
    });
  },
};

export const DENORMAL_CHECKS: readonly Check[] = [denormalInput, denormalTail];
