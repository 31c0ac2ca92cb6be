/** Frames in which the set of sections stays the same. */
import { nextValue, Ramp } from "@gainstage/dsp/assembly/ramp";
import { moves } from "./band";
import { cascade, cascadeThrough } from "./cascade";
import { movingSection, standingSection } from "./moving-section";
import { allFinite, dropNonFinite, loadPairs, storePairs, sumAndDifference } from "./pairs";
import { State } from "./state";

/** Frames worked on at a time: their f64 pairs stay in the first-level cache. */
export const STRETCH: i32 = 512;

/** So many sections wait for their own feedback most of the time. */
const FEW: i32 = 3;

export function stretch(s: State, left: usize, right: usize, toLeft: usize, toRight: usize, frames: i32): void {
  const gain = changetype<Ramp>(<usize>s.gain);
  const first = s.leftRightCount;
  const second = s.midSideCount;
  if (first + second == 0 && gain.left == 0 && gain.goal == 1) {
    copyFinite(left, toLeft, frames);
    copyFinite(right, toRight, frames);
    return;
  }
  const whole = frames & ~3;
  const few = first > 0 && first <= FEW && second == 0;
  if (few && s.nextEnd == 0 && gain.left == 0 && allFinite(left, right, whole)) {
    const product = <usize>s.leftRightGain;
    cascadeThrough(<usize>s.leftRightRows, first, left, right, toLeft, toRight, product, gain.goal, whole);
    if (whole == frames) return;
    const at = <usize>whole << 2;
    left += at;
    right += at;
    toLeft += at;
    toRight += at;
    frames -= whole;
  }
  const pairs = <usize>s.pairs;
  if (!loadPairs(left, right, pairs, frames)) dropNonFinite(pairs, frames);
  runSections(s, <usize>s.leftRight, first, <usize>s.leftRightRows, frames);
  if (second > 0) {
    sumAndDifference(pairs, frames, <usize>s.leftRightGain, 0.5);
    runSections(s, <usize>s.midSide, second, <usize>s.midSideRows, frames);
    sumAndDifference(pairs, frames, <usize>s.midSideGain, 1);
  }
  let gains = second > 0 ? f64x2.splat(1) : v128.load(<usize>s.leftRightGain);
  if (gain.left == 0) gains = f64x2.mul(gains, f64x2.splat(gain.goal));
  else {
    for (let at = pairs, end = pairs + (<usize>frames << 4); at < end; at += 16) {
      v128.store(at, f64x2.mul(v128.load(at), f64x2.mul(gains, f64x2.splat(nextValue(gain)))));
    }
    gains = f64x2.splat(1);
  }
  storePairs(toLeft, toRight, pairs, gains, frames);
}

/** Sections over the pairs in place, one by one while any of them moves. */
function runSections(s: State, list: usize, count: i32, rows: usize, frames: i32): void {
  const pairs = <usize>s.pairs;
  if (s.nextEnd == 0) {
    cascade(rows, count, pairs, frames);
    return;
  }
  for (let i = 0; i < count; i++) {
    const section = <usize>load<u32>(list + (<usize>i << 2));
    if (moves(section)) movingSection(section, pairs, frames);
    else standingSection(section, pairs, frames);
  }
}

/** Also writes up to three frames after the last one. */
function copyFinite(from: usize, to: usize, frames: i32): void {
  const infinite = f32x4.splat(Infinity);
  for (const end = from + (<usize>frames << 2); from < end; from += 16, to += 16) {
    const x = v128.load(from);
    v128.store(to, v128.and(x, f32x4.lt(f32x4.abs(x), infinite)));
  }
}
