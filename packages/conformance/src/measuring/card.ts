/** The measured card: what an effect does to sound and what it costs, at its default parameters, at 48 kHz. */
import type { LoadedPlugin } from "@gainstage/plugin-api";
import { setupOf, signalOf, withProcessor } from "../playing/play.ts";
import { noise, sine } from "../playing/signals.ts";
import { MAX_FRAMES, mainInputOf, SAMPLE_RATE_HZ, start, stream } from "../playing/stream.ts";
import { memoryPerInstance } from "./allocation.ts";
import { framesToHear } from "./answer.ts";
import { decibels, peakOf } from "./compare.ts";
import { distortionDb, impulseResponseOf, magnitudeAt, magnitudesOf } from "./response.ts";
import { nsPerFrame } from "./speed.ts";

export interface Curve {
  readonly x: readonly number[];
  /** Null where nothing comes out. */
  readonly y: readonly (number | null)[];
}

export interface MeasuredCard {
  readonly sampleRateHz: number;
  readonly latencyFrames: number;
  /** Declared; null for endless. */
  readonly tailFrames: number | null;
  /** Measured to −120 dB after noise of −6 dBFS ends; null if it went on for longer than 20 s. */
  readonly ringFrames: number | null;
  readonly linear: boolean;
  readonly timeInvariant: boolean;
  /** Gain in dB over Hz, of a linear effect. */
  readonly magnitude: Curve | null;
  /** dBFS out over dBFS in of a steady tone at 1 kHz, of an effect that is not linear. */
  readonly transfer: Curve | null;
  /**
   * At 1 kHz and −6 dBFS, relative to the tone, once all that rings has died away. Null where there is neither, where no
   * tone comes out, where it rings for longer than is waited for (`ringFrames` is null), and of an effect that is linear
   * and changes in time: what that puts beside the tone is its modulation.
   */
  readonly thdNoiseDb: number | null;
  readonly nsPerFrame: { readonly block128: number; readonly block512: number };
  readonly memoryBytes: number;
  readonly activationMs: number;
}

const TONE_HZ = 1000;
/** What two renders may differ by and still count as the same effect. */
const SAME_DB = -100;
const CURVE_POINTS = 241;

export function measureCard(fresh: () => LoadedPlugin, isWasm: boolean): MeasuredCard {
  const plugin = fresh();
  // At least half a second, and until everything that the plugin does is there to be compared.
  const frames = Math.max(SAMPLE_RATE_HZ / 2, framesToHear(plugin));
  return withProcessor(plugin, {}, (processor) => {
    const linear = isLinear(plugin, frames);
    const timeInvariant = isTimeInvariant(plugin, frames);
    const rings = ringFrames(plugin);
    const hasTone = rings !== null && (timeInvariant || !linear);
    return {
      sampleRateHz: SAMPLE_RATE_HZ,
      latencyFrames: processor.latencyFrames,
      tailFrames: Number.isFinite(processor.tailFrames) ? processor.tailFrames : null,
      ringFrames: rings,
      linear,
      timeInvariant,
      magnitude: linear ? magnitudeCurve(plugin) : null,
      transfer: linear ? null : transferCurve(plugin),
      thdNoiseDb: hasTone ? thdNoise(plugin, processor.latencyFrames + rings) : null,
      nsPerFrame: {
        block128: nsPerFrame(plugin, {}, 128),
        block512: nsPerFrame(plugin, {}, 512),
      },
      memoryBytes: memoryPerInstance(fresh(), isWasm),
      activationMs: activationMs(plugin),
    };
  });
}

function render(plugin: LoadedPlugin, signal: (channel: number) => Float32Array): Float32Array[] {
  return withProcessor(plugin, {}, (processor) =>
    stream(
      processor,
      mainInputOf(processor).map((_, c) => signal(c)),
      { blocks: [MAX_FRAMES] },
    ),
  );
}

function isLinear(plugin: LoadedPlugin, frames: number): boolean {
  const sum = (a: Float32Array, b: Float32Array) => a.map((x, i) => x + b[i]);
  const hiss = (c: number) => noise(frames, 31 + c, 0.4);
  // It sounds from its first frame, as the noise does: an oscillator that waits for a sound starts with both.
  const tone = (c: number) => sine(frames + 1, 440 * (c + 1), SAMPLE_RATE_HZ, 0.4).subarray(1);
  const [ofHiss, ofTone] = [render(plugin, hiss), render(plugin, tone)];
  const ofBoth = render(plugin, (c) => sum(hiss(c), tone(c)));
  return isSame(
    ofBoth,
    ofHiss.map((channel, c) => sum(channel, ofTone[c])),
  );
}

/** Far below any threshold, and enough for an oscillator that runs while there is a sound. */
const FAINT = 1e-4;

function isTimeInvariant(plugin: LoadedPlugin, frames: number): boolean {
  const late = 4801;
  const before = (c: number) => {
    const faint = new Float32Array(late + frames);
    faint.set(noise(late, 35 + c, FAINT));
    return faint;
  };
  const now = render(plugin, (c) => noise(frames, 33 + c, 0.4));
  const ofBefore = render(plugin, before);
  const later = render(plugin, (c) => {
    const both = before(c);
    both.set(noise(frames, 33 + c, 0.4), late);
    return both;
  });
  return isSame(
    later.map((channel, c) => channel.map((x, i) => x - ofBefore[c][i]).subarray(late)),
    now,
  );
}

function isSame(actual: readonly Float32Array[], expected: readonly Float32Array[]): boolean {
  const rest = actual.map((channel, c) => channel.map((x, i) => x - expected[c][i]));
  return peakOf(rest) <= peakOf(expected) * 10 ** (SAME_DB / 20);
}

/** Sixth octaves would hide a notch: forty points an octave at the top, fewer at the bottom. */
function magnitudeCurve(plugin: LoadedPlugin): Curve {
  const bins = withProcessor(plugin, {}, (processor) => magnitudesOf(impulseResponseOf(processor)));
  const hzPerBin = SAMPLE_RATE_HZ / (2 * bins.length);
  const x = Array.from({ length: CURVE_POINTS }, (_, i) => 20 * 1000 ** (i / (CURVE_POINTS - 1)));
  const y = x.map((hz) => {
    const at = hz / hzPerBin;
    const low = Math.floor(at);
    const share = at - low;
    return finiteOrNull(decibels(bins[low] * (1 - share) + bins[Math.min(low + 1, bins.length - 1)] * share));
  });
  return { x: x.map(rounded), y };
}

function transferCurve(plugin: LoadedPlugin): Curve {
  const x = Array.from({ length: 31 }, (_, i) => 2 * i - 60);
  const y = withProcessor(plugin, {}, (processor) =>
    x.map((levelDb) => {
      processor.reset();
      const tone = sine(SAMPLE_RATE_HZ, TONE_HZ, SAMPLE_RATE_HZ, 10 ** (levelDb / 20));
      const [out] = stream(
        processor,
        mainInputOf(processor).map(() => tone),
        { blocks: [MAX_FRAMES] },
      );
      return finiteOrNull(decibels(magnitudeAt(out.subarray(-SAMPLE_RATE_HZ / 4), TONE_HZ, SAMPLE_RATE_HZ)));
    }),
  );
  return { x, y };
}

/** Gains of dynamics may take this long to settle. */
const SETTLE_FRAMES = 2 * SAMPLE_RATE_HZ;

/** Of a second of the tone, after the beginning of the tone has died away: in a ring there is no steady tone. */
function thdNoise(plugin: LoadedPlugin, ringFrames: number): number | null {
  const frames = Math.max(SETTLE_FRAMES, ringFrames) + SAMPLE_RATE_HZ;
  const [out] = render(plugin, () => sine(frames, TONE_HZ, SAMPLE_RATE_HZ, 0.5));
  return finiteOrNull(distortionDb(out.subarray(-SAMPLE_RATE_HZ), TONE_HZ, SAMPLE_RATE_HZ));
}

const LONGEST_RING_SECONDS = 20;
const INAUDIBLE = 1e-6;

function ringFrames(plugin: LoadedPlugin): number | null {
  return withProcessor(plugin, {}, (processor) => {
    stream(
      processor,
      signalOf(processor, { frames: SAMPLE_RATE_HZ / 4, signal: { kind: "noise", amplitude: 0.5 } }),
    );
    const quiet = signalOf(processor, { frames: SAMPLE_RATE_HZ, signal: { kind: "silence" } });
    let last = 0;
    for (let second = 0; second < LONGEST_RING_SECONDS; second++) {
      let left = 0;
      const out = stream(processor, quiet, { blocks: [MAX_FRAMES], onBlock: (now) => (left = now) });
      for (const channel of out)
        for (let i = 0; i < channel.length; i++)
          if (Math.abs(channel[i]) > INAUDIBLE) last = Math.max(last, second * SAMPLE_RATE_HZ + i + 1);
      if (left === 0 || (last < second * SAMPLE_RATE_HZ && second > 4))
        return Math.max(0, last - processor.latencyFrames);
    }
    return null;
  });
}

function activationMs(plugin: LoadedPlugin): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 5; k++) {
    const before = performance.now();
    const processor = start(plugin, setupOf({}));
    fastest = Math.min(fastest, performance.now() - before);
    processor.dispose();
  }
  return fastest;
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? rounded(value) : null;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
