/**
 * How many more frames could sound if the input were silent from now on.
 *
 * While the input is silent, what is in the loop has some energy; a pass through it takes the delay T and multiplies
 * amplitudes by at most g (the curve and the filters make nothing louder). Weighted with e^(σt) a pass gains
 *
 *   g · e^(σT) / (1 - σ/ω_high),
 *
 * where ω_high is the decay of the high cut; as long as σ ≤ ω/2 for the decay ω of either filter, the low cut gains
 * nothing. A σ that leaves less than 1 is a rate at which all of it must die: from the loudest possible start, all frames
 * of both lines at the loudest input plus the 2 that feedback is bounded by, down to -180 dB.
 */
import { NEVER_SILENT } from "@gainstage/plugin-api/assembly/processor";
import { Controls, DEPTH, FEEDBACK, goal, HIGH_GAIN, HIGH_ON, LOW_GAIN, LOW_ON, value } from "./controls";
import { QUIET, State } from "./echo";
import { holdFrames, Line } from "./line";
import { Oscillator } from "./oscillator";

/** Of the decay that there is, this much is used for the rate; the rest pays for the sum over all passes. */
const SHARE: f64 = 0.9;
/** -ln(1 - u) ≤ 1.4 u for u ≤ 1/2. */
const HALF_SLOPE: f64 = 1.4;
const FOREVER: f64 = 500000000;

function larger(c: Controls, at: usize): f64 {
  return max<f64>(value(c, at), goal(c, at));
}

/** The decay per frame of a filter that is in the loop, or on its way in or out: 1 - pole = 2 G, at the slowest. */
function decay(c: Controls, gain: usize, on: usize): f64 {
  return larger(c, on) == 0 ? Infinity : 2 * min<f64>(value(c, gain), goal(c, gain));
}

export function framesLeft(s: State): i32 {
  const c = changetype<Controls>(<usize>s.controls);
  if (s.resting) return c.left;
  const line = changetype<Line>(<usize>s.line);
  const oscillator = changetype<Oscillator>(<usize>s.oscillator);
  const depth = larger(c, DEPTH);
  const hold = <f64>max(holdFrames(line, depth), line.wanted);
  // A modulated head reads up to this much faster than time goes, which gathers energy.
  const hurry = 1 + (2 * Math.PI * oscillator.rateHz * depth) / oscillator.sampleRateHz;
  const gain = larger(c, FEEDBACK) * Math.sqrt(hurry);
  let frames = hold;
  if (gain > 0) {
    if (gain >= 1) return NEVER_SILENT;
    const loss = -Math.log(gain);
    const high = decay(c, HIGH_GAIN, HIGH_ON);
    const filters = min<f64>(high, decay(c, LOW_GAIN, LOW_ON));
    const rate = min<f64>((SHARE * loss) / (hold + HALF_SLOPE / high), filters / 2);
    const start = (s.loudest + 2) * Math.sqrt(2 * hold) / (1 - Math.exp((SHARE - 1) * loss));
    frames += Math.log(start / QUIET) / rate;
  }
  if (frames > FOREVER) return NEVER_SILENT;
  return max(max(1, <i32>Math.ceil(frames) - s.silentFrames), c.left);
}
