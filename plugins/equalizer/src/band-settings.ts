/** Where the parameters of a band stand among those of the plugin, in the manifest's order. */
import type { BandShape } from "./analogue.ts";

export const BANDS = 8;
export const BAND_PARAMS = 6;
export const OUTPUT_GAIN_DB = BANDS * BAND_PARAMS;

export const STEREO = 0;
export const LEFT = 1;
export const RIGHT = 2;
export const MID = 3;
export const SIDE = 4;

export interface BandSettings extends BandShape {
  readonly frequencyHz: number;
  /** STEREO, LEFT, RIGHT, MID or SIDE */
  readonly channels: number;
}

/** Band 0 to 7. */
export function bandSettings(params: Float64Array, band: number): BandSettings {
  const [type, frequencyHz, gainDb, q, slope, channels] = params.subarray(
    band * BAND_PARAMS,
    (band + 1) * BAND_PARAMS,
  );
  return { type, frequencyHz, gainDb, q, slope, channels };
}
