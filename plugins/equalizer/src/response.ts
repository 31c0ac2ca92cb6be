/** The magnitude of the whole equalizer at rest, from the coefficients it runs with: for curves on screens and paper. */
import { designBand, type Section } from "./band-design.ts";
import { BANDS, bandSettings, LEFT, MID, OUTPUT_GAIN_DB, RIGHT, SIDE, STEREO } from "./band-settings.ts";

/** Which signal is looked at. The bands of other channels have no part in it. */
export type ResponsePath = "stereo" | "left" | "right" | "mid" | "side";

const CHANNELS: Record<ResponsePath, number> = {
  stereo: STEREO,
  left: LEFT,
  right: RIGHT,
  mid: MID,
  side: SIDE,
};

/**
 * Gain in dB at each of `frequenciesHz`, between 0 and half of `sampleRateHz`. `params` are plain, in the manifest's
 * order. What a stereo band does belongs to every path; "left" also has the left bands, and so on.
 */
export function magnitudeDb(
  params: Float64Array,
  frequenciesHz: ArrayLike<number>,
  sampleRateHz: number,
  path: ResponsePath = "stereo",
): Float64Array {
  const sections: Section[] = [];
  for (let b = 0; b < BANDS; b++) {
    const band = bandSettings(params, b);
    const heard = band.channels === STEREO || band.channels === CHANNELS[path];
    if (heard) sections.push(...designBand(band, band.frequencyHz, sampleRateHz));
  }
  return Float64Array.from(frequenciesHz, (frequencyHz) => {
    const w = (2 * Math.PI * frequencyHz) / sampleRateHz;
    let squared = 1;
    for (const { b0, b1, b2, a1, a2 } of sections) {
      squared *= squaredMagnitude(b0, b1, b2, w) / squaredMagnitude(1, a1, a2, w);
    }
    return params[OUTPUT_GAIN_DB] + 10 * Math.log10(squared);
  });
}

/** |c0 + c1 z⁻¹ + c2 z⁻²|² at the angle `w`. */
function squaredMagnitude(c0: number, c1: number, c2: number, w: number): number {
  const re = c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w);
  const im = c1 * Math.sin(w) + c2 * Math.sin(2 * w);
  return re * re + im * im;
}
