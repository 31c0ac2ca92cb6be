/**
 * The smooth branching detector, eq. 16: a one-pole filter of the reduction in dB, with the attack's pole where more is
 * asked for than there is, else with the release's. Which one that is need not be asked: of what both would make of a
 * frame it is the larger, or where the attack is the slower one, the smaller. steady.ts gives the same bits.
 */
import { loadPair } from "@gainstage/dsp/assembly/biquad";
import { DB_PER_OCTAVE } from "@gainstage/dsp/assembly/decibel";
import { ATTACK, glide, nextExp, RELEASE } from "./glides";
import { SETTLED_DB, State } from "./state";

/** Gains in octaves, without makeup, to gain0 and gain1. */
export function followEnvelopes(s: State, frames: i32): void {
  let done = 0;
  for (; done < frames && takeShares(s); done++) {
    followFrames(s, <usize>s.target1, <usize>done << 2, <usize>(done + 1) << 2);
  }
  if (done < frames) followFrames(s, <usize>s.target1, <usize>done << 2, <usize>frames << 2);
}

/** Attack and release a frame on, if they move. */
function takeShares(s: State): bool {
  const attackMoves = glide(s, ATTACK).left > 0;
  const releaseMoves = glide(s, RELEASE).left > 0;
  if (attackMoves) s.attackShare = nextExp(s, ATTACK);
  if (releaseMoves) s.releaseShare = nextExp(s, RELEASE);
  return attackMoves || releaseMoves;
}

/** The frames from byte `from` to byte `to`, one by one, by the targets in target0 and at `target1`. */
export function followFrames(s: State, target1: usize, from: usize, to: usize): void {
  const slowAttack = s.attackShare < s.releaseShare;
  const attackInput = f64x2.splat(s.attackShare);
  const releaseInput = f64x2.splat(s.releaseShare);
  const attack = f64x2.splat(1 - s.attackShare);
  const release = f64x2.splat(1 - s.releaseShare);
  const settled = f64x2.splat(SETTLED_DB);
  const octaves = f64x2.splat(-1 / DB_PER_OCTAVE);
  let reduction = f64x2.replace_lane(f64x2.splat(s.reduction0), 1, s.reduction1);
  for (let i = from; i < to; i += 4) {
    const target = loadPair(<usize>s.target0 + i, target1 + i);
    const attacked = f64x2.add(f64x2.mul(attack, reduction), f64x2.mul(attackInput, target));
    const released = f64x2.add(f64x2.mul(release, reduction), f64x2.mul(releaseInput, target));
    reduction = slowAttack ? f64x2.pmin(attacked, released) : f64x2.pmax(attacked, released);
    reduction = v128.andnot(reduction, f64x2.lt(reduction, settled));
    const gain = f32x4.demote_f64x2_zero(f64x2.mul(reduction, octaves));
    v128.store32_lane(<usize>s.gain0 + i, gain, 0);
    v128.store32_lane(<usize>s.gain1 + i, gain, 1);
  }
  s.reduction0 = f64x2.extract_lane(reduction, 0);
  s.reduction1 = f64x2.extract_lane(reduction, 1);
}
