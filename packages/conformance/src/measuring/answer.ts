/**
 * How long a run has to be for everything that a plugin does to a sound to be heard: an echo after a second is not in
 * the first tenth of it.
 *
 *   noise, 64 frames ─▶ plugin ─▶ peaks of 64 frames ─▶ the last that stands out of what came before it
 *
 * A ring that dies away is not waited for: nothing in it is new. Nor is anything after two seconds.
 */
import type { LoadedPlugin, RunningProcessor } from "@gainstage/plugin-api";
import { CASE_FRAMES } from "../cases/case.ts";
import { signalOf, withProcessor } from "../playing/play.ts";
import { SAMPLE_RATE_HZ, stream } from "../playing/stream.ts";

const PART_FRAMES = 64;
const BLOCK_FRAMES = 1024;
const LONGEST_WAIT_FRAMES = 2 * SAMPLE_RATE_HZ;
/** Frames over which something new is compared with what was there: 21 ms. */
const BEFORE_PARTS = 16;
/** 12 dB above it, and within 60 dB of the loudest. */
const STANDS_OUT = 4;
const FAINT = 0.001;

/** What NaN and infinity count as: they are news. */
const NOT_FINITE = 1e30;

/** Frames from a sound to the last new thing in what the plugin makes of it, at its defaults: at most two seconds. */
export function answerFrames(plugin: LoadedPlugin): number {
  const peaks = withProcessor(plugin, {}, peaksOfAnswer);
  const least = FAINT * peaks.reduce((a, b) => Math.max(a, b), 0);
  const isNew = (part: number) =>
    peaks[part] > least &&
    peaks[part] > STANDS_OUT * Math.max(0, ...peaks.slice(Math.max(0, part - BEFORE_PARTS), part));
  return (
    PART_FRAMES *
    Math.max(
      0,
      peaks.findLastIndex((_, part) => isNew(part)),
    )
  );
}

/** Of each 64 frames, over all channels, until the plugin is at rest. */
function peaksOfAnswer(processor: RunningProcessor): readonly number[] {
  const peaks: number[] = [];
  let left = Number.POSITIVE_INFINITY;
  for (let done = 0; done < LONGEST_WAIT_FRAMES && left > 0; done += BLOCK_FRAMES) {
    const until = done === 0 ? PART_FRAMES : 0;
    const sound = signalOf(processor, { frames: BLOCK_FRAMES, signal: { kind: "noise", until } });
    const output = stream(processor, sound, { blocks: [BLOCK_FRAMES], onBlock: (now) => (left = now) });
    for (let part = 0; part < BLOCK_FRAMES; part += PART_FRAMES) {
      let peak = 0;
      for (const channel of output)
        for (let i = part; i < part + PART_FRAMES; i++) {
          const size = Math.abs(channel[i]);
          peak = Math.max(peak, Number.isFinite(size) ? size : NOT_FINITE);
        }
      peaks.push(peak);
    }
  }
  return peaks;
}

/** The length of a run that has the answer in it, and some frames more; CASE_FRAMES where it comes at once. */
export function framesToHear(plugin: LoadedPlugin): number {
  const frames = answerFrames(plugin);
  return frames < CASE_FRAMES / 2 ? CASE_FRAMES : frames + CASE_FRAMES;
}
