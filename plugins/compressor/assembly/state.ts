/** What a compressor keeps between blocks, its parameters in the manifest's order, and its limits. */

export const THRESHOLD_DB = 0;
export const RATIO = 1;
export const KNEE_DB = 2;
export const ATTACK_MS = 3;
export const RELEASE_MS = 4;
export const MAKEUP_DB = 5;
export const DETECTOR = 6;
export const LINK_PERCENT = 7;
export const HIGHPASS_HZ = 8;
export const MIX_PERCENT = 9;
export const LOOKAHEAD_MS = 10;
export const PARAMS = 11;

export const MAIN = 0;
export const SIDECHAIN = 1;

/** Below this the detector reads silence, so that log(0) never reaches the ballistics: -180 dB. */
export const FLOOR: f32 = 1e-9;
/** And above this it reads no further, so that no gain leaves the range of exp2x4: 240 dB. */
export const CEILING: f32 = 1e12;
/** Reductions below this are inaudible, and left to decay they would turn subnormal. */
export const SETTLED_DB: f64 = 1e-6;
/** ln(10): the lowest corner, in Hz; the filter is off there. */
export const HIGHPASS_OFF: f64 = Math.log(10);
/** What is louder, or not a number, is not let into filters, where it would stay for long. */
export const LOUDEST: f64 = 1e10;
/** Mean squares below this are silence. */
export const SILENT_SQUARE: f64 = 1e-30;
/** ln(LOUDEST / FLOOR): the high-pass has then rung out. */
export const HIGHPASS_NEPERS: f64 = 43.8;
/** A knee of 0 dB would divide by it. */
export const NARROWEST_KNEE_DB: f64 = 1e-6;
/** No reduction is larger, by CEILING and the lowest threshold. */
export const LARGEST_DB: f64 = 300;
export const METER_MIN_DB: f64 = -60;
export const RMS_MS: f64 = 10;
export const RAMP_MS: f64 = 20;

@unmanaged
export class State {
  sampleRateHz: f64;
  /** Smoothed reduction in dB of left and right. */
  reduction0: f64;
  reduction1: f64;
  /** Mean squares of the RMS detector. */
  square0: f64;
  square1: f64;
  /** Shares of its way that the envelope goes in a frame, as they stand. */
  attackShare: f64;
  releaseShare: f64;
  rmsPole: f64;
  /** The slowest release from now on: the logarithm of its share, and its decay in nepers a frame (detector.ts). */
  slowestLogShare: f64;
  slowestNepers: f64;
  /** f64 a parameter: what the glides are on their way to. */
  known: u32;
  /** The ramps of glides.ts, one after the other. */
  glides: u32;
  /** True until the first block after reset(), whose parameters are taken as they stand. */
  starting: bool;
  highpass: u32;
  highpassState: u32;
  /** Lookahead rings, one a channel. */
  ring0: u32;
  ring1: u32;
  lookahead: i32;
  head: i32;
  silentFrames: i32;
  /** The same for what the detector hears. */
  detectorSilentFrames: i32;
  /** What stands in a steady block: the knee's lower end and width in dB, 0.5 / width, 1 - 1/ratio, the link, a share, */
  kneeStartDb: f32;
  kneeDb: f32;
  bend: f32;
  slope: f32;
  link: f32;
  /** the makeup, and the mix as a share. */
  makeupOctaves: f32;
  wet: f32;
  /** Scratch, a block long: what the curve is made of while it moves, mix, levels, detectors, targets, gains, dry. */
  thresholds: u32;
  slopes: u32;
  knees: u32;
  links: u32;
  rmsShares: u32;
  mixes: u32;
  square0s: u32;
  square1s: u32;
  detector0: u32;
  detector1: u32;
  target0: u32;
  target1: u32;
  gain0: u32;
  gain1: u32;
  delayed0: u32;
  delayed1: u32;
}
