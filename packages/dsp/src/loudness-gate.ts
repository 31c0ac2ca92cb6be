// From the power of overlapping windows to loudness: the two gates of ITU-R BS.1770-5 and EBU Tech 3342.
//
// A power here is Σ G·z over the channels: the mean square of each K-weighted channel times the weight of its position.

const ABSOLUTE_GATE_LUFS = -70;
const INTEGRATED_RELATIVE_GATE_LU = -10;
const RANGE_RELATIVE_GATE_LU = -20;
const OFFSET_LUFS = -0.691;

/** BS.1770-5 equation 2; null for digital silence. */
export function powerToLufs(power: number): number | null {
  return power > 0 && Number.isFinite(power) ? OFFSET_LUFS + 10 * Math.log10(power) : null;
}

function lufsToPower(lufs: number): number {
  return 10 ** ((lufs - OFFSET_LUFS) / 10);
}

function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** What is louder than -70 LUFS and than `relativeGateLu` below the mean power of what is. */
function gated(powers: readonly number[], relativeGateLu: number): number[] {
  const audible = powers.filter((power) => power > lufsToPower(ABSOLUTE_GATE_LUFS));
  const threshold = mean(audible) * 10 ** (relativeGateLu / 10);
  return audible.filter((power) => power > threshold);
}

/**
 * Integrated loudness in LUFS (BS.1770-5 equations 3 to 7) from the powers of 400 ms blocks every 100 ms, of one
 * programme or of several one after the other; null when no block is louder than -70 LUFS.
 */
export function integratedLufs(blockPowers: readonly number[]): number | null {
  return powerToLufs(mean(gated(blockPowers, INTEGRATED_RELATIVE_GATE_LU)));
}

/**
 * Loudness range in LU (EBU Tech 3342 §3): from the 10th to the 95th percentile, by nearest rank as in the document's
 * listing, of the short-term loudness that passes the gates; null when nothing does.
 */
export function loudnessRangeLu(shortTermPowers: readonly number[]): number | null {
  const powers = gated(shortTermPowers, RANGE_RELATIVE_GATE_LU).sort((a, b) => a - b);
  if (powers.length === 0) return null;
  const percentile = (p: number) => powers[Math.round((powers.length - 1) * p)];
  return 10 * Math.log10(percentile(0.95) / percentile(0.1));
}
