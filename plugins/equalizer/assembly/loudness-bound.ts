/**
 * Eight bands may add up to +192 dB, and a host takes a sample above +60 dBFS for a fault. Where settings could come near
 * that, and only there, the output is clipped at +54 dBFS.
 */
import { gainToDb } from "@gainstage/dsp/assembly/decibel";
import { BAND_PARAMS, GAIN_DB, Q, TYPE } from "./band";
import { BANDS } from "./state";

/** +54 dBFS. */
const LOUDEST: f32 = 500;
/** Gains and resonances in all, in dB; peaks of a signal may add up to some 18 dB more. */
const LOUD_DB: f64 = 36;
/** The types that have a gain are bell and shelves; those whose every section resonates are low-pass and high-pass. */
const OFF: f64 = 0;
const HIGH_SHELF: f64 = 3;
const LOW_PASS: f64 = 4;
const HIGH_PASS: f64 = 5;
const STEEPEST_SECTIONS: f64 = 4;
/** Left and right out of a mid and a side that are both turned up. */
const MID_SIDE_DB: f64 = 6;

/** Whether full scale may come out near +54 dBFS. [at a change of parameters] */
export function couldBeLoud(params: usize, outputGainDb: f64): bool {
  let sum = MID_SIDE_DB + max<f64>(0, outputGainDb);
  for (let b = 0; b < BANDS; b++) {
    const band = params + (<usize>(b * BAND_PARAMS) << 3);
    const type = load<f64>(band, TYPE << 3);
    if (type == OFF) continue;
    if (type <= HIGH_SHELF) sum += max<f64>(0, load<f64>(band, GAIN_DB << 3));
    const resonance = gainToDb(max<f64>(1, load<f64>(band, Q << 3)));
    sum += type == LOW_PASS || type == HIGH_PASS ? STEEPEST_SECTIONS * resonance : resonance;
  }
  return sum > LOUD_DB;
}

/** In place. */
export function clip(x: usize, frames: i32): void {
  const top = f32x4.splat(LOUDEST);
  const bottom = f32x4.splat(-LOUDEST);
  for (const end = x + (<usize>frames << 2); x < end; x += 16) {
    v128.store(x, f32x4.pmax(f32x4.pmin(v128.load(x), top), bottom));
  }
}
