/** Comparison of audio that says where it fails; a matcher that prints two seconds of samples takes minutes. */
import { CheckFailed } from "../cases/check-failed.ts";

/** Throws a CheckFailed naming the first frame whose bits differ. */
export function sameBits(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
  what: string,
): void {
  for (let c = 0; c < expected.length; c++) {
    for (let i = 0; i < expected[c].length; i++) {
      if (Object.is(actual[c][i], expected[c][i])) continue;
      throw new CheckFailed(
        `${what}: channel ${c} differs at frame ${i}: ${actual[c][i]} instead of ${expected[c][i]}`,
      );
    }
  }
}

/** The first frame whose bits differ in any channel; undefined if there is none. */
export function firstDifference(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
): number | undefined {
  let first: number | undefined;
  for (let c = 0; c < expected.length; c++) {
    const until = Math.min(first ?? expected[c].length, expected[c].length);
    for (let i = 0; i < until; i++) {
      if (Object.is(actual[c][i], expected[c][i])) continue;
      first = i;
      break;
    }
  }
  return first;
}

/** Throws a CheckFailed at the first sample whose distance is above `tolerance`. */
export function within(
  actual: readonly Float32Array[],
  expected: readonly Float32Array[],
  tolerance: number,
  what: string,
): void {
  for (let c = 0; c < expected.length; c++) {
    for (let i = 0; i < expected[c].length; i++) {
      if (Math.abs(actual[c][i] - expected[c][i]) <= tolerance) continue;
      throw new CheckFailed(
        `${what}: channel ${c}, frame ${i}: ${actual[c][i]} is not within ${tolerance} of ${expected[c][i]}`,
      );
    }
  }
}

export function allFinite(audio: readonly Float32Array[], what: string): void {
  for (const [c, channel] of audio.entries()) {
    for (let i = 0; i < channel.length; i++) {
      if (Number.isFinite(channel[i])) continue;
      throw new CheckFailed(`${what}: channel ${c} is ${channel[i]} at frame ${i}`);
    }
  }
}

/** The largest magnitude from frame `from` on; NaN if any sample is. */
export function peakOf(audio: readonly Float32Array[], from = 0): number {
  let peak = 0;
  for (const channel of audio)
    for (let i = from; i < channel.length; i++) peak = Math.max(peak, Math.abs(channel[i]));
  return peak;
}

/** +60 dB: what is above it, a host takes for a fault. */
const LOUDEST = 1000;

/** Throws a CheckFailed unless all of it is finite and at most +60 dBFS. */
export function sane(audio: readonly Float32Array[], what: string): void {
  allFinite(audio, what);
  const peak = peakOf(audio);
  if (peak > LOUDEST) throw new CheckFailed(`${what}: reaches ${decibels(peak).toFixed(1)} dBFS`);
}

/** Full scale is 0 dB. */
export function decibels(amplitude: number): number {
  return 20 * Math.log10(amplitude);
}
