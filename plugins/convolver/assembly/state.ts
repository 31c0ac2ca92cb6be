/** The processor's state, and how it rests. See index.ts for the diagram. */
import { aim, Ramp } from "@gainstage/dsp/assembly/ramp";
import { param, Processor } from "@gainstage/plugin-api/assembly/processor";
import { Controls, follow, settle } from "./controls";
import { FILTER_BYTES } from "./filters";
import { CROSS_PERCENT, PRE_DELAY_MS } from "./params";
import { clearConvolution, Convolution } from "./partition";
import { PreDelay, restPreDelay } from "./pre-delay";

@unmanaged
export class State {
  framesPerMs: f64;
  controls: u32;
  preDelay: u32;
  convolution: u32;
  filters: u32;
  /** A tick's input that is let in, and its wet signal, of two channels, each with a vector to spare. */
  heard: u32;
  wet: u32;
  /** Where the second channel of a mono output goes. */
  spare: u32;
  /** Frames of the tick that have gone by. */
  phase: i32;
  /** Frames since anything was let in. */
  silentFrames: i32;
  /** Of silence, after which there is rest. */
  restFrames: i32;
  mono: bool;
  /** Nothing is left of any sound: ticks are counted from the next. */
  resting: bool;
}

export function wantedPreDelay(p: Processor, s: State): i32 {
  return <i32>Math.round(param(p, PRE_DELAY_MS) * s.framesPerMs);
}

export function wantedCross(p: Processor): f64 {
  return param(p, CROSS_PERCENT) / 200;
}

/** Forgets all sound, and is where the parameters ask for. */
export function rest(p: Processor, s: State): void {
  s.resting = true;
  s.phase = 0;
  s.silentFrames = 0;
  memory.fill(<usize>s.filters, 0, FILTER_BYTES);
  settleAll(p, s);
}

/** To what the parameters ask for at once, since nothing is heard. */
export function settleAll(p: Processor, s: State): void {
  settle(changetype<Controls>(<usize>s.controls), p);
  restPreDelay(changetype<PreDelay>(<usize>s.preDelay), wantedPreDelay(p, s), wantedCross(p));
}

/** On the way to what the parameters ask for; the pre-delay sees to itself. */
export function followAll(p: Processor, s: State): void {
  follow(changetype<Controls>(<usize>s.controls), p);
  const preDelay = changetype<PreDelay>(<usize>s.preDelay);
  aim(changetype<Ramp>(<usize>preDelay.cross), wantedCross(p));
}

/** The first sound after a rest. */
export function wake(s: State): void {
  s.resting = false;
  clearConvolution(changetype<Convolution>(<usize>s.convolution));
}
