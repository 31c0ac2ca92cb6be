/**
 * The smooth branching detector, eq. 16: a one-pole filter of the reduction in dB, with the attack's pole where more is
 * asked for than there is, else with the release's. Both forms give the same bits for the same input.
 */
import { loadPair } from "@gainstage/dsp/assembly/biquad";
import { DB_PER_OCTAVE } from "@gainstage/dsp/assembly/decibel";
import { ATTACK, glide, nextExp, RELEASE } from "./glides";
import { SETTLED_DB, State } from "./state";

/** Gains in octaves, without makeup, to gain0 and gain1, or for `one` envelope to gain0 alone. */
export function followEnvelopes(s: State, frames: i32, one: bool): void {
  let done = 0;
  for (; done < frames && takeShares(s); done++) between(s, done, done + 1, one);
  if (done < frames) between(s, done, frames, one);
}

/** Attack and release a frame on, if they move. */
function takeShares(s: State): bool {
  const attackMoves = glide(s, ATTACK).left > 0;
  const releaseMoves = glide(s, RELEASE).left > 0;
  if (attackMoves) s.attackShare = nextExp(s, ATTACK);
  if (releaseMoves) s.releaseShare = nextExp(s, RELEASE);
  return attackMoves || releaseMoves;
}

function between(s: State, from: i32, to: i32, one: bool): void {
  if (one) linked(s, <usize>from << 2, <usize>to << 2);
  else separate(s, <usize>from << 2, <usize>to << 2);
}

/** Each frame waits for the one before: a branch that the processor guesses right costs it less than a selection would. */
function linked(s: State, from: usize, to: usize): void {
  const attackInput = s.attackShare;
  const releaseInput = s.releaseShare;
  const attack = 1 - attackInput;
  const release = 1 - releaseInput;
  let reduction = s.reduction0;
  for (let i = from; i < to; i += 4) {
    const target = <f64>load<f32>(<usize>s.detector0 + i);
    if (target > reduction) reduction = attack * reduction + attackInput * target;
    else reduction = release * reduction + releaseInput * target;
    if (reduction < SETTLED_DB) reduction = 0;
    store<f32>(<usize>s.gain0 + i, <f32>(reduction * (-1 / DB_PER_OCTAVE)));
  }
  s.reduction0 = reduction;
  s.reduction1 = reduction;
}

function separate(s: State, from: usize, to: usize): void {
  const attackInput = f64x2.splat(s.attackShare);
  const releaseInput = f64x2.splat(s.releaseShare);
  const attack = f64x2.splat(1 - s.attackShare);
  const release = f64x2.splat(1 - s.releaseShare);
  const settled = f64x2.splat(SETTLED_DB);
  const octaves = f64x2.splat(-1 / DB_PER_OCTAVE);
  let reduction = f64x2.replace_lane(f64x2.splat(s.reduction0), 1, s.reduction1);
  for (let i = from; i < to; i += 4) {
    const target = loadPair(<usize>s.detector0 + i, <usize>s.detector1 + i);
    const attacked = f64x2.add(f64x2.mul(attack, reduction), f64x2.mul(attackInput, target));
    const released = f64x2.add(f64x2.mul(release, reduction), f64x2.mul(releaseInput, target));
    reduction = v128.bitselect(attacked, released, f64x2.gt(target, reduction));
    reduction = v128.andnot(reduction, f64x2.lt(reduction, settled));
    const gain = f32x4.demote_f64x2_zero(f64x2.mul(reduction, octaves));
    v128.store32_lane(<usize>s.gain0 + i, gain, 0);
    v128.store32_lane(<usize>s.gain1 + i, gain, 1);
  }
  s.reduction0 = f64x2.extract_lane(reduction, 0);
  s.reduction1 = f64x2.extract_lane(reduction, 1);
}
