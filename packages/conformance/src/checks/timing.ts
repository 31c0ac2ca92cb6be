/** Latency and tail are measured, not believed. */
import type { RunningProcessor } from "@gainstage/plugin-api";
import { type Check, randomParams } from "../check.ts";
import { CheckFailed, peakOf } from "../compare.ts";
import { noise } from "../signals.ts";
import { SAMPLE_RATE_HZ, start, stream } from "../stream.ts";

/** -120 dB under a signal of about full scale. */
const INAUDIBLE = 1e-6;
/** Longer tails than this are taken on trust beyond it. */
const LONGEST_MEASURED = 30 * SAMPLE_RATE_HZ;
const QUIET_FRAMES = 1024;

export const latency: Check = {
  id: "timing/latency",
  title: "is late by exactly the latency it declares",
  run(plugin) {
    const restart = plugin.manifest.params.filter((p) => p.applies === "restart");
    const settings: Record<string, number>[] = [{}];
    if (restart.length > 0) {
      settings.push(Object.fromEntries(restart.map((p) => [p.id, p.max])));
      settings.push(Object.fromEntries(restart.map((p) => [p.id, p.min + (p.max - p.min) * 0.37])));
    }
    for (const params of settings) {
      const processor = start(plugin, { params });
      const declared = processor.latencyFrames;
      const measured = measureLatency(processor);
      if (measured !== declared) {
        throw new CheckFailed(
          `declares a latency of ${declared} frames, measured ${measured} with ${JSON.stringify(params)}`,
        );
      }
    }
  },
};

/** The lag at which the output resembles the input most, by cross-correlation with quiet noise. */
function measureLatency(processor: RunningProcessor): number {
  const longest = processor.latencyFrames + 512;
  const frames = longest + 7680;
  const input = noise(frames, 41, 0.05);
  const [output] = stream(processor, [input, input]);
  let best = 0;
  let bestLag = -1;
  for (let lag = 0; lag <= longest; lag++) {
    let sum = 0;
    for (let i = 0; i < frames - longest; i++) sum += input[i] * output[i + lag];
    if (Math.abs(sum) > best) {
      best = Math.abs(sum);
      bestLag = lag;
    }
  }
  return bestLag;
}

export const tail: Check = {
  id: "timing/tail",
  title: "has died away, to -120 dB, after the tail it declares",
  run(plugin) {
    for (const params of [{}, randomParams(plugin.manifest, 9), randomParams(plugin.manifest, 10)]) {
      const processor = start(plugin, { params });
      const sounding = 12_000;
      const ring = processor.latencyFrames + Math.min(processor.tailFrames, LONGEST_MEASURED);
      if (processor.tailFrames > LONGEST_MEASURED) continue;
      const signal = [42, 43].map((seed) => {
        const channel = new Float32Array(sounding + ring + 2400);
        channel.set(noise(sounding, seed, 0.5));
        return channel;
      });
      const left = peakOf(stream(processor, signal, { blocks: [1024] }), sounding + ring);
      if (!(left <= INAUDIBLE)) {
        throw new CheckFailed(
          `declares a tail of ${processor.tailFrames} frames, after which ${left} is still to be heard`,
        );
      }
    }
  },
};

export const remaining: Check = {
  id: "timing/remaining",
  title:
    "comes to rest after silence: what process() returns never grows, holds, ends at 0, and the rest is silent",
  run(plugin) {
    const processor = start(plugin);
    if (processor.tailFrames === Number.POSITIVE_INFINITY) return;
    let left = Number.POSITIVE_INFINITY;
    stream(processor, [noise(4800, 44), noise(4800, 45)], { onBlock: (now) => (left = now) });
    const blocks = Math.ceil((120 * SAMPLE_RATE_HZ) / QUIET_FRAMES);
    let restBlocks = 0;
    for (let k = 0; k < blocks && restBlocks < 5; k++) {
      if (!(left >= 0)) throw new CheckFailed(`says that ${left} frames are left`);
      let now = left;
      const output = stream(processor, silence(QUIET_FRAMES), {
        onBlock: (said) => (now = said),
        blocks: [QUIET_FRAMES],
      });
      if (now > left)
        throw new CheckFailed(`${left} frames were left, then ${now}, though the input is silent`);
      const peak = peakOf(output, Math.min(left, QUIET_FRAMES));
      if (!(peak <= (left === 0 ? 0 : INAUDIBLE))) {
        throw new CheckFailed(`said ${left} frames were left, and put out ${peak} after them`);
      }
      if (left === 0) restBlocks++;
      left = now;
    }
    if (left > 0) throw new CheckFailed(`still says ${left} frames after two minutes of silence`);
  },
};

export const silenceStaysSilent: Check = {
  id: "timing/silence",
  title: "puts out exact zeros for silence, at any parameters",
  run(plugin) {
    for (const params of [{}, randomParams(plugin.manifest, 17), randomParams(plugin.manifest, 18)]) {
      const peak = peakOf(stream(start(plugin, { params }), silence(9600)));
      if (peak !== 0) throw new CheckFailed(`puts out ${peak} for silence`);
    }
  },
};

function silence(frames: number): Float32Array[] {
  return [new Float32Array(frames), new Float32Array(frames)];
}
