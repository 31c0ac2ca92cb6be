/**
 * From the reduction that each frame needs to a gain that is smooth and never too high, left and right in the lanes of
 * f64x2:
 *
 *   need ─▶ maximum of the last M ─▶ release ─┬────────────▶ larger ─▶ box of B1 ─▶ box of B2 ─▶ 1 - reduction
 *            hold                   fast      └▶ average × sustain ─▲
 *
 * src/gain-envelope.ts explains it. The running maximum is van Herk's (Pattern Recognition Letters 13(7), 1992): in
 * segments of M frames, the larger of the maximum of this segment so far and that of the end of the last one. Maxima and
 * sums of whole numbers are exact, so where a segment begins changes no bit.
 */
import { takeActive, Processor } from "@gainstage/plugin-api/assembly/processor";

const HOLD_MS: f64 = 10;
const GUARD_FRAMES: i32 = 2;
const SUSTAIN_RATIO: f64 = 10;
const SETTLED: f64 = 1e-6;
const AVERAGE_SETTLED: f64 = 1e-9;
const QUANTA: f64 = 67108864;

const FAST: usize = 0;
const AVERAGE: usize = 16;
const SUM1: usize = 32;
const SUM2: usize = 48;
const RUNNING: usize = 64;
const LOWEST: usize = 80;
const LANES_BYTES: usize = 96;

@unmanaged
export class Envelope {
  releasePole: f64;
  averagePole: f64;
  sustain: f64;
  knownReleaseMs: f64;
  sampleRateHz: f64;
  /** M, B1, B2 and how far each ring is. */
  hold: i32;
  box1: i32;
  box2: i32;
  holdAt: i32;
  box1At: i32;
  box2At: i32;
  /** State in pairs of lanes, at the offsets above. */
  lanes: u32;
  /** M + 1 pairs of f32: needs of this segment, then maxima from there to the end of the last one, then zero. */
  needs: u32;
  ring1: u32;
  ring2: u32;
}

export function newEnvelope(p: Processor, lookaheadFrames: i32, sampleRateHz: f64): Envelope {
  const e = changetype<Envelope>(takeActive(p, offsetof<Envelope>()));
  const triangle = lookaheadFrames + 1 - GUARD_FRAMES;
  e.sampleRateHz = sampleRateHz;
  e.box1 = (triangle + 1) / 2;
  e.box2 = triangle + 1 - e.box1;
  e.hold = max(triangle + 1 + 2 * GUARD_FRAMES, <i32>Math.round(HOLD_MS * 0.001 * sampleRateHz));
  e.lanes = <u32>takeActive(p, LANES_BYTES);
  e.needs = <u32>takeActive(p, <usize>(e.hold + 1) << 3);
  e.ring1 = <u32>takeActive(p, <usize>e.box1 << 4);
  e.ring2 = <u32>takeActive(p, <usize>e.box2 << 4);
  return e;
}

export function resetEnvelope(e: Envelope): void {
  memory.fill(<usize>e.lanes, 0, LANES_BYTES);
  memory.fill(<usize>e.needs, 0, <usize>(e.hold + 1) << 3);
  memory.fill(<usize>e.ring1, 0, <usize>e.box1 << 4);
  memory.fill(<usize>e.ring2, 0, <usize>e.box2 << 4);
  e.holdAt = 0;
  e.box1At = 0;
  e.box2At = 0;
  e.knownReleaseMs = 0;
}

export function aimEnvelope(e: Envelope, releaseMs: f64, sustain: f64): void {
  e.sustain = sustain;
  if (releaseMs == e.knownReleaseMs) return;
  e.knownReleaseMs = releaseMs;
  e.releasePole = Math.exp(-1 / (releaseMs * 0.001 * e.sampleRateHz));
  e.averagePole = Math.exp(-1 / (SUSTAIN_RATIO * releaseMs * 0.001 * e.sampleRateHz));
}

/** Nothing left to recover from: with no further need the gain stays 1. */
export function atRest(e: Envelope): bool {
  const lanes = <usize>e.lanes;
  const reductions = v128.or(v128.load(lanes, FAST), v128.load(lanes, AVERAGE));
  return !v128.any_true(v128.or(reductions, v128.or(v128.load(lanes, SUM1), v128.load(lanes, SUM2))));
}

/** Upper bound of the frames from the last need to rest, from any reduction. */
export function recoveryFrames(e: Envelope): i32 {
  const release = Math.log(SETTLED) / Math.log(e.releasePole);
  const average = Math.log(AVERAGE_SETTLED) / Math.log(e.averagePole);
  return e.hold + e.box1 + e.box2 + <i32>Math.ceil(release + average);
}

/** The lowest gain of the frames followed last. */
export function lowestGain(e: Envelope): f64 {
  const lowest = v128.load(<usize>e.lanes, LOWEST);
  return min<f64>(f64x2.extract_lane(lowest, 0), f64x2.extract_lane(lowest, 1));
}

/** Turns `frames` needs, 0 to 1, into gains, in place. */
export function followNeeds(e: Envelope, need0: usize, need1: usize, frames: i32): void {
  const lanes = <usize>e.lanes;
  const zero = f64x2.splat(0);
  const settled = f64x2.splat(SETTLED);
  const averageSettled = f64x2.splat(AVERAGE_SETTLED);
  const releasePole = f64x2.splat(e.releasePole);
  const averagePole = f64x2.splat(e.averagePole);
  const averageStep = f64x2.splat(1 - e.averagePole);
  const sustain = f64x2.splat(e.sustain);
  const quanta = f64x2.splat(QUANTA);
  const unit = f64x2.splat(1 / (QUANTA * <f64>e.box1 * <f64>e.box2));
  const one = f64x2.splat(1);

  let fast = v128.load(lanes, FAST);
  let average = v128.load(lanes, AVERAGE);
  let sum1 = v128.load(lanes, SUM1);
  let sum2 = v128.load(lanes, SUM2);
  let running = v128.load(lanes, RUNNING);
  let lowest = one;

  const needs = <usize>e.needs;
  const ring1 = <usize>e.ring1;
  const ring2 = <usize>e.ring2;
  const ring1End = ring1 + (<usize>e.box1 << 4);
  const ring2End = ring2 + (<usize>e.box2 << 4);
  const needsEnd = needs + (<usize>e.hold << 3);
  let needsAt = needs + (<usize>e.holdAt << 3);
  let ring1At = ring1 + (<usize>e.box1At << 4);
  let ring2At = ring2 + (<usize>e.box2At << 4);

  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const need = v128.load32_lane(need1 + i, v128.load32_zero(need0 + i), 1);
    running = f32x4.pmax(running, need);
    const held = f32x4.pmax(running, v128.load64_zero(needsAt, 8));
    v128.store64_lane(needsAt, need, 0);
    needsAt += 8;
    if (needsAt == needsEnd) {
      maximaToEnd(needs, needsEnd);
      needsAt = needs;
      running = zero;
    }

    const released = v128.and(f64x2.mul(fast, releasePole), f64x2.gt(fast, settled));
    fast = f64x2.pmax(f64x2.promote_low_f32x4(held), released);
    const left = v128.and(f64x2.mul(average, averagePole), f64x2.gt(average, averageSettled));
    average = f64x2.add(f64x2.mul(fast, averageStep), left);
    const sustained = f64x2.mul(average, sustain);
    const reduction = f64x2.pmax(fast, v128.and(sustained, f64x2.gt(sustained, settled)));

    const counted = f64x2.ceil(f64x2.mul(reduction, quanta));
    sum1 = f64x2.add(sum1, f64x2.sub(counted, v128.load(ring1At)));
    v128.store(ring1At, counted);
    ring1At += 16;
    if (ring1At == ring1End) ring1At = ring1;
    sum2 = f64x2.add(sum2, f64x2.sub(sum1, v128.load(ring2At)));
    v128.store(ring2At, sum1);
    ring2At += 16;
    if (ring2At == ring2End) ring2At = ring2;

    const gain = f64x2.sub(one, f64x2.mul(sum2, unit));
    lowest = f64x2.pmin(lowest, gain);
    const narrow = f32x4.demote_f64x2_zero(gain);
    v128.store32_lane(need0 + i, narrow, 0);
    v128.store32_lane(need1 + i, narrow, 1);
  }

  v128.store(lanes, fast, FAST);
  v128.store(lanes, average, AVERAGE);
  v128.store(lanes, sum1, SUM1);
  v128.store(lanes, sum2, SUM2);
  v128.store(lanes, running, RUNNING);
  v128.store(lanes, lowest, LOWEST);
  e.holdAt = <i32>((needsAt - needs) >> 3);
  e.box1At = <i32>((ring1At - ring1) >> 4);
  e.box2At = <i32>((ring2At - ring2) >> 4);
}

/** Replaces each need of a finished segment by the largest from there to its end. */
function maximaToEnd(needs: usize, end: usize): void {
  let largest = f32x4.splat(0);
  while (end > needs) {
    end -= 8;
    largest = f32x4.pmax(largest, v128.load64_zero(end));
    v128.store64_lane(end, largest, 0);
  }
}
