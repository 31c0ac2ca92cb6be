/** Frames in which the set of sections stays the same, and the input without what is not finite. */
import { nextValue, Ramp } from "@gainstage/dsp/assembly/ramp";
import { moves } from "./band";
import { cascade, loadPairs, sumAndDifference } from "./cascade";
import { movingSection, standingSection } from "./moving-section";
import { State } from "./state";
import { storeNormal } from "./subnormal";

/** Frames worked on at a time: their f64 pairs stay in the first-level cache. */
export const STRETCH: i32 = 512;

export function stretch(s: State, left: usize, right: usize, toLeft: usize, toRight: usize, frames: i32): void {
  const gain = changetype<Ramp>(<usize>s.gain);
  const first = s.leftRightCount;
  const second = s.midSideCount;
  if (first + second == 0 && gain.left == 0 && gain.goal == 1) {
    memory.copy(toLeft, left, <usize>frames << 2);
    memory.copy(toRight, right, <usize>frames << 2);
    return;
  }
  const pairs = <usize>s.pairs;
  const product = v128.load(<usize>s.leftRightGain);
  if (s.nextEnd == 0 && gain.left == 0 && first > 0 && second == 0) {
    v128.store(<usize>s.totalGain, f64x2.mul(product, f64x2.splat(gain.goal)));
    const total = <usize>s.totalGain;
    cascade(<usize>s.leftRight, first, left, right, pairs, toLeft, toRight, total, frames, true, true);
    return;
  }
  if (s.nextEnd == 0 && first > 0) {
    cascade(<usize>s.leftRight, first, left, right, pairs, 0, 0, <usize>s.totalGain, frames, true, false);
  } else {
    loadPairs(left, right, pairs, frames);
    runSections(s, <usize>s.leftRight, first, pairs, frames);
  }
  if (second > 0) {
    sumAndDifference(pairs, frames, <usize>s.leftRightGain, 0.5);
    runSections(s, <usize>s.midSide, second, pairs, frames);
    sumAndDifference(pairs, frames, <usize>s.midSideGain, 1);
  }
  const rest = second > 0 ? f64x2.splat(1) : product;
  const end = <usize>frames << 2;
  if (gain.left == 0) {
    const all = f64x2.mul(rest, f64x2.splat(gain.goal));
    for (let i: usize = 0; i < end; i += 4) {
      storeNormal(toLeft + i, toRight + i, f64x2.mul(v128.load(pairs + (i << 2)), all));
    }
    return;
  }
  for (let i: usize = 0; i < end; i += 4) {
    const all = f64x2.mul(rest, f64x2.splat(nextValue(gain)));
    storeNormal(toLeft + i, toRight + i, f64x2.mul(v128.load(pairs + (i << 2)), all));
  }
}

/** Sections over `pairs` in place, one by one while any of them moves. */
function runSections(s: State, list: usize, count: i32, pairs: usize, frames: i32): void {
  if (s.nextEnd == 0) {
    if (count > 0) cascade(list, count, 0, 0, pairs, 0, 0, <usize>s.totalGain, frames, false, false);
    return;
  }
  for (let i = 0; i < count; i++) {
    const section = <usize>load<u32>(list + (<usize>i << 2));
    if (moves(section)) movingSection(section, pairs, frames);
    else standingSection(section, pairs, frames);
  }
}

/** Also looks at up to three frames after the block, where no harm comes from finding something. */
export function allFinite(from: usize, frames: i32): bool {
  const infinite = f32x4.splat(Infinity);
  let finite = i32x4.splat(-1);
  for (const end = from + (<usize>frames << 2); from < end; from += 16) {
    finite = v128.and(finite, f32x4.lt(f32x4.abs(v128.load(from)), infinite));
  }
  return i32x4.all_true(finite);
}

export function copyFinite(from: usize, to: usize, frames: i32): void {
  const infinite = f32x4.splat(Infinity);
  for (const end = from + (<usize>frames << 2); from < end; from += 16, to += 16) {
    const x = v128.load(from);
    v128.store(to, v128.and(x, f32x4.lt(f32x4.abs(x), infinite)));
  }
}
