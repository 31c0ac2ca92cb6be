// A stream brought to another rate, window by window, with the samples that the whole would give.
//
//   frames in    ├─ reach ─┼──────── window ────────┼─ reach ─┤
//                          ├──── next window ⋯
//
// A window begins where both rates have a frame, so its part begins at the same fraction as the whole does. What a part
// gives near its own two ends lacks what lies beyond them, and is left out.

import type { AudioFileInfo } from "./audio-data.ts";
import { type AudioSource, type AudioStream, readWhole } from "./audio-stream.ts";
import type { OpenAudioOptions } from "./decode.ts";

/** The table of taps is made anew for each window: a shorter one costs more than the audio in it. */
const leastWindowFrames = 262_144;

type Target = NonNullable<OpenAudioOptions["resampleTo"]>;

/** Where windows begin and what they need around them, all in frames. */
type Windows = {
  readonly inFrames: number;
  readonly outFrames: number;
  /** Before a window, a whole number of periods of both rates. */
  readonly leadInFrames: number;
  readonly leadOutFrames: number;
  readonly afterFrames: number;
};

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Undefined where the audio must be resampled whole. */
function windowsOf(fromHz: number, { sampleRateHz: toHz, reachFrames }: Target): Windows | undefined {
  const reach = reachFrames?.(fromHz, toHz);
  if (reach === undefined || !Number.isInteger(fromHz) || !Number.isInteger(toHz)) return undefined;
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const [periodIn, periodOut] = [fromHz / divisor, toHz / divisor];
  const leadPeriods = Math.ceil(reach / periodIn);
  const periods = Math.max(leadPeriods, Math.ceil(leastWindowFrames / periodIn));
  return {
    inFrames: periods * periodIn,
    outFrames: periods * periodOut,
    leadInFrames: leadPeriods * periodIn,
    leadOutFrames: leadPeriods * periodOut,
    afterFrames: reach,
  };
}

export function resampledSource(source: AudioSource, target: Target): AudioSource {
  const { sampleRateHz } = target;
  const windows = windowsOf(source.sampleRateHz, target);
  const at = (frames: number | undefined) =>
    frames === undefined ? undefined : Math.round((frames * sampleRateHz) / source.sampleRateHz);
  return {
    ...source,
    sampleRateHz,
    frames: at(source.frames),
    likelyFrames: at(source.likelyFrames),
    open: () =>
      windows ? new ResampledStream(source, target, windows) : new WholeResampledStream(source, target),
  };
}

class ResampledStream implements AudioStream {
  readonly #source: AudioSource;
  readonly #stream: AudioStream;
  readonly #target: Target;
  readonly #windows: Windows;
  /** What the next window needs: its lead, itself, and what comes after. */
  readonly #input: readonly Float32Array[];
  /** Frames of `#input` that are there, and how many of them are lead. */
  #filled = 0;
  #lead = 0;
  #isLast = false;
  /** The window that is handed out, from frame `#at` on. */
  #output: readonly Float32Array[] = [];
  #at = 0;

  constructor(source: AudioSource, target: Target, windows: Windows) {
    this.#source = source;
    this.#stream = source.open();
    this.#target = target;
    this.#windows = windows;
    const room = windows.leadInFrames + windows.inFrames + windows.afterFrames;
    this.#input = Array.from({ length: source.channels }, () => new Float32Array(room));
  }

  async read(into: readonly Float32Array[], frames: number): Promise<number> {
    let done = 0;
    while (done < frames) {
      const ready = (this.#output[0]?.length ?? 0) - this.#at;
      if (ready === 0) {
        if (this.#isLast) break;
        await this.#nextWindow();
        continue;
      }
      const count = Math.min(ready, frames - done);
      for (const [c, samples] of this.#output.entries())
        into[c].set(samples.subarray(this.#at, this.#at + count), done);
      this.#at += count;
      done += count;
    }
    return done;
  }

  async #nextWindow(): Promise<void> {
    const { inFrames, outFrames, leadInFrames, leadOutFrames, afterFrames } = this.#windows;
    const wanted = this.#lead + inFrames + afterFrames - this.#filled;
    const free = this.#input.map((samples) => samples.subarray(this.#filled));
    const count = await this.#stream.read(free, wanted);
    this.#filled += count;
    this.#isLast = count < wanted;
    const part = this.#input.map((samples) => samples.subarray(0, this.#filled));
    const { resample, sampleRateHz } = this.#target;
    const made = resample(part, this.#source.sampleRateHz, sampleRateHz);
    const start = this.#lead > 0 ? leadOutFrames : 0;
    const end = this.#isLast ? made[0].length : start + outFrames;
    this.#output = made.map((samples) => samples.subarray(start, end));
    this.#at = 0;
    const keepFrom = this.#lead + inFrames - leadInFrames;
    if (this.#isLast) return;
    for (const samples of this.#input) samples.copyWithin(0, keepFrom, this.#filled);
    this.#filled -= keepFrom;
    this.#lead = leadInFrames;
  }

  get outcome(): AudioFileInfo | undefined {
    return this.#stream.outcome;
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}

/** For rates that only the whole can be brought to. */
class WholeResampledStream implements AudioStream {
  readonly #source: AudioSource;
  readonly #stream: AudioStream;
  readonly #target: Target;
  #output: readonly Float32Array[] | undefined;
  #at = 0;

  constructor(source: AudioSource, target: Target) {
    this.#source = source;
    this.#stream = source.open();
    this.#target = target;
  }

  async read(into: readonly Float32Array[], frames: number): Promise<number> {
    this.#output ??= await this.#resampleWhole();
    const count = Math.min(frames, this.#output[0].length - this.#at);
    for (const [c, samples] of this.#output.entries())
      into[c].set(samples.subarray(this.#at, this.#at + count));
    this.#at += count;
    return count;
  }

  async #resampleWhole(): Promise<readonly Float32Array[]> {
    const { audio } = await readWhole(this.#source, this.#stream);
    return this.#target.resample(audio.channels, this.#source.sampleRateHz, this.#target.sampleRateHz);
  }

  get outcome(): AudioFileInfo | undefined {
    return this.#stream.outcome;
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}
