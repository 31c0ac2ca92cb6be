/** Comparison of audio that says where it fails; a matcher that prints two seconds of samples takes minutes. */

export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

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
    const i = channel.findIndex((x) => !Number.isFinite(x));
    if (i >= 0) throw new CheckFailed(`${what}: channel ${c} is ${channel[i]} at frame ${i}`);
  }
}

/** The largest magnitude from frame `from` on; NaN if any sample is. */
export function peakOf(audio: readonly Float32Array[], from = 0): number {
  let peak = 0;
  for (const channel of audio)
    for (let i = from; i < channel.length; i++) peak = Math.max(peak, Math.abs(channel[i]));
  return peak;
}
