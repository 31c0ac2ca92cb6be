/** The loop over the frames, left and right in the lanes of f64x2. See index.ts for the diagram. */
import { loadPair, storePair } from "@gainstage/dsp/assembly/biquad";
import {
  advance, both, Controls, CROSS, DEPTH, DRY, DUCK, FEEDBACK, HIGH_GAIN, HIGH_ON, LOW_GAIN, LOW_ON, OTHER, OWN, value,
  WET,
} from "./controls";
import { bounded, flush, lowPass, swapped } from "./filters";
import { forget, holdFrames, jump, Line, readLine, writeLine } from "./line";
import { Oscillator, restart, swingOf } from "./oscillator";

/** -180 dB: below this the line takes zeros, so that echoes end and nothing in the loop turns subnormal. */
export const QUIET: f64 = 1e-9;
/** What is louder, or not a number, is not let into the line, where feedback would keep it. */
const LOUDEST: f64 = 1e10;
/** -18 dBFS: an input that peaks here or above ducks the echoes by all of the amount. */
const DUCK_FULL: f64 = 0.125;
export const DUCK_ATTACK_MS: f64 = 10;
export const DUCK_RELEASE_MS: f64 = 200;

@unmanaged
export class State {
  controls: u32;
  line: u32;
  oscillator: u32;
  /** Two filter states, low cut then high cut. */
  filters: u32;
  /** Where the second channel of a mono output goes. */
  spare: u32;
  /** True until the first process(): only then is it known whether there is a song, and what its tempo is. */
  starting: bool;
  /** Nothing is in the loop: the next sound begins anew. */
  resting: bool;
  /** Frames since the input was last heard, and since anything went into the line. */
  silentFrames: i32;
  emptyFrames: i32;
  /** The largest magnitude that was let in since the last rest. */
  loudest: f64;
  /** Of the ducking: a peak follower and the shares of the way that it goes in a frame. */
  envelope: f64;
  attack: f64;
  release: f64;
}

/** Forgets all sound. Costs the same however long the line is: it is called on the audio thread. */
export function rest(s: State): void {
  s.resting = true;
  s.silentFrames = 0;
  s.emptyFrames = 0;
  s.loudest = 0;
  s.envelope = 0;
  memory.fill(<usize>s.filters, 0, 32);
  restart(changetype<Oscillator>(<usize>s.oscillator));
  forget(changetype<Line>(<usize>s.line));
}

/** 1 to what the echoes are multiplied with while the input plays. */
// @ts-ignore: decorator
@inline function duckGain(s: State, amount: f64, heard: v128): f64 {
  const sizes = f64x2.abs(heard);
  const peak = max<f64>(f64x2.extract_lane(sizes, 0), f64x2.extract_lane(sizes, 1));
  const envelope = s.envelope + (peak > s.envelope ? s.attack : s.release) * (peak - s.envelope);
  s.envelope = envelope >= QUIET ? envelope : 0;
  return 1 / (1 + amount * min<f64>(1, envelope / DUCK_FULL));
}

export function run(s: State, frames: i32, left: usize, right: usize, toLeft: usize, toRight: usize): void {
  const c = changetype<Controls>(<usize>s.controls);
  const line = changetype<Line>(<usize>s.line);
  const oscillator = changetype<Oscillator>(<usize>s.oscillator);
  const low = <usize>s.filters;
  const high = low + 16;
  const firstLane = f64x2(1, 0);
  const zero = f64x2.splat(0);

  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    if (c.left > 0) advance(c);
    const x = loadPair(left + i, right + i);
    const dry = f64x2.mul(both(c, DRY), x);
    const heard = v128.and(x, f64x2.lt(f64x2.abs(x), f64x2.splat(LOUDEST)));
    const quiet = !v128.any_true(flush(heard, QUIET));
    const wet = both(c, WET);

    if (s.resting) {
      jump(line);
      if (quiet) {
        storePair(toLeft + i, toRight + i, dry);
        continue;
      }
      s.resting = false;
    }

    const depth = value(c, DEPTH);
    const tap = readLine(line, depth, depth == 0 ? 0 : swingOf(oscillator));
    oscillator.since++;

    // The loop: low cut, high cut, over to the other side or not, feedback, bounded.
    const thin = f64x2.sub(tap, f64x2.mul(both(c, LOW_ON), lowPass(low, both(c, LOW_GAIN), tap)));
    const dark = lowPass(high, both(c, HIGH_GAIN), thin);
    const filtered = f64x2.add(thin, f64x2.mul(both(c, HIGH_ON), f64x2.sub(dark, thin)));
    const cross = both(c, CROSS);
    const turned = f64x2.add(filtered, f64x2.mul(cross, f64x2.sub(swapped(filtered), filtered)));
    const back = bounded(f64x2.mul(both(c, FEEDBACK), turned));

    // Ping-pong: the middle of the input into the left line. Stereo: each channel into its own.
    const middle = f64x2.mul(f64x2.splat(0.5), f64x2.add(heard, swapped(heard)));
    const sides = f64x2.mul(f64x2.sub(f64x2.splat(1), cross), heard);
    const into = f64x2.add(sides, f64x2.mul(f64x2.mul(cross, firstLane), middle));
    const frame = flush(f64x2.add(into, back), QUIET);
    writeLine(line, frame);

    const amount = value(c, DUCK);
    let gain = wet;
    if (amount > 0) gain = f64x2.mul(wet, f64x2.splat(duckGain(s, amount, heard)));
    else s.envelope = 0;
    const placed = f64x2.add(f64x2.mul(both(c, OWN), tap), f64x2.mul(both(c, OTHER), swapped(tap)));
    const mixed = f64x2.add(dry, f64x2.mul(gain, placed));
    storePair(toLeft + i, toRight + i, v128.bitselect(x, mixed, f64x2.eq(wet, zero)));

    // An input that is heard, or a frame that is not empty, starts the count of what may still come anew.
    s.loudest = max<f64>(s.loudest, loudestOf(heard));
    s.silentFrames = quiet ? min(s.silentFrames, 0x3fffffff) + 1 : 0;
    s.emptyFrames = quiet && !v128.any_true(frame) ? s.emptyFrames + 1 : 0;
    if (s.emptyFrames > 0 && s.emptyFrames >= holdFrames(line, depth)) rest(s);
  }
}

// @ts-ignore: decorator
@inline function loudestOf(x: v128): f64 {
  const sizes = f64x2.abs(x);
  return max<f64>(f64x2.extract_lane(sizes, 0), f64x2.extract_lane(sizes, 1));
}
