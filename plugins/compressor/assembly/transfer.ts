/**
 * "curve/1": the level that comes out for a level that goes in and stays, at the present parameters.
 *
 *   out = in + 20 log10(1 + mix (g - 1)), with g the make-up less the reduction of eq. 4
 */
import { dbToGain, gainToDb } from "@gainstage/dsp/assembly/decibel";
import { param, Processor } from "@gainstage/plugin-api/assembly/processor";
import { KNEE_DB, MAKEUP_DB, MIX_PERCENT, RATIO, THRESHOLD_DB } from "./state";

/** What the host calls a transfer curve. */
const TRANSFER = 1;

/** `points` levels in dBFS at `address`, and room for as many after them. 1, or 0 for another kind of curve. [control] */
export function transferCurve(p: Processor, kind: i32, points: i32, address: usize): i32 {
  if (kind != TRANSFER) return 0;
  const mix = param(p, MIX_PERCENT) * 0.01;
  const out = address + (<usize>points << 3);
  for (let i: usize = 0; i < <usize>points; i++) {
    const levelDb = load<f64>(address + (i << 3));
    const wet = dbToGain(param(p, MAKEUP_DB) - reductionDb(p, levelDb));
    store<f64>(out + (i << 3), levelDb + gainToDb(1 + mix * (wet - 1)));
  }
  return 1;
}

/** Eq. 4, as detector.ts has it for four levels at once. */
function reductionDb(p: Processor, levelDb: f64): f64 {
  const slope = 1 - 1 / param(p, RATIO);
  const knee = param(p, KNEE_DB);
  const over = levelDb - param(p, THRESHOLD_DB);
  if (2 * over <= -knee) return 0;
  if (2 * over >= knee) return slope * over;
  const into = over + knee / 2;
  return (slope * into * into) / (2 * knee);
}
