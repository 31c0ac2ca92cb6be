/** What an equalizer keeps between blocks. */
import { BAND_BYTES } from "./band";

export const BANDS: i32 = 8;

@unmanaged
export class State {
  sampleRateHz: f64;
  rampFrames: i32;
  mono: i32;
  /** Parameters as of the last block. */
  known: u32;
  bands: u32;
  gain: u32;
  /** Addresses of the sections that run, in their order. */
  leftRight: u32;
  midSide: u32;
  leftRightCount: i32;
  midSideCount: i32;
  /** Whether sections run without their b0, and what of them runs then (cascade.ts). */
  normalised: i32;
  leftRightRows: u32;
  midSideRows: u32;
  /** The products of those b0, pairs; else 1. */
  leftRightGain: u32;
  midSideGain: u32;
  /** Frames to the end of the first phase and of the last ramp (band.ts); 0 if nothing moves. */
  nextEnd: i32;
  lastEnd: i32;
  /** Frames of silence after which all sections are silent too. */
  ring: i32;
  /** Frames since the last sound or the end of the last ramp. */
  quiet: i32;
  /** True since settings could come near +54 dBFS (loudness-bound.ts). */
  loud: bool;
  /** True until the first block after reset(), whose parameters are taken as they stand. */
  starting: bool;
  /** Scratch: a stretch of f64 pairs, a block for the second lane's output where there is one channel. */
  pairs: u32;
  unheard: u32;
}

// @ts-ignore: decorator
@inline
export function bandAt(s: State, band: i32): usize {
  return <usize>s.bands + <usize>band * BAND_BYTES;
}
