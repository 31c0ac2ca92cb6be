/**
 * The user's own response, out of the state. Its bytes, little-endian, are all that is saved, and they come back as they were:
 *
 *   f64 sampleRateHz | u32 channels, 1 or 2 | u32 frames | f32 samples, a channel after the other
 *
 * Sixteen zeros are no response. At activation it is brought to the host's rate by a windowed sinc (J. O. Smith, "Digital
 * Audio Resampling", 2002), its decay is scaled, and what is inaudible at its end is cut off.
 */
import { resampleDense, sincTable } from "@gainstage/dsp/assembly/resampler";
import { Processor, roomFor } from "@gainstage/plugin-api/assembly/processor";
import { roomy, takeRoomy } from "./memory";

const HEADER: i32 = 16;
/** Before the bytes of the state lies their number, so that they can be saved from where the host put them. */
const PREFIX: usize = 8;
const NONE = memory.data<u32>([16, 0, 0, 0, 0]);

const LOWEST_RATE_HZ: f64 = 4000;
const HIGHEST_RATE_HZ: f64 = 768000;
const LARGEST_SAMPLE: f32 = 1e6;
const LONGEST_S: f64 = 12;

const TAPS: i32 = 128;
const ROWS: i32 = 256;
/** Kaiser's rule for 110 dB, and half the transition that it takes with so many taps, in cycles per frame. */
const BETA: f64 = 11.16;
const HALF_TRANSITION: f64 = 0.0278;

export function stateRoom(p: Processor, bytes: i32): usize {
  return roomFor(p, <i32>roomy(<usize>bytes + PREFIX)) + PREFIX;
}

/** Takes the bytes where they lie, at what stateRoom() gave; false if they are not what is described above. */
export function keepState(state: usize, bytes: i32): bool {
  if (bytes < HEADER) return false;
  const channels = load<u32>(state, 8);
  const frames = load<u32>(state, 12);
  if (frames == 0) {
    if (bytes != HEADER || channels != 0 || load<u64>(state) != 0) return false;
  } else {
    const rate = load<f64>(state);
    if (!(rate >= LOWEST_RATE_HZ && rate <= HIGHEST_RATE_HZ) || channels < 1 || channels > 2) return false;
    if (<u64>bytes != HEADER + (<u64>frames << 2) * channels) return false;
    for (let i: usize = HEADER; i < <usize>bytes; i += 4) {
      if (!(abs<f32>(load<f32>(state + i)) <= LARGEST_SAMPLE)) return false;
    }
  }
  store<u32>(state - 4, <u32>bytes);
  return true;
}

export function savedState(p: Processor): usize {
  return p.roomAt == 0 ? NONE : <usize>p.roomAt + 4;
}

/** Frames that the response may have at the host's rate. */
export function ownFrames(p: Processor, sampleRateHz: f64): i32 {
  const state = savedState(p) + 4;
  const frames = <f64>load<u32>(state, 12);
  if (frames == 0) return 0;
  return <i32>Math.ceil(min<f64>((frames * sampleRateHz) / load<f64>(state), LONGEST_S * sampleRateHz));
}

/** Writes `frames` of both channels at the host's rate. [control] */
export function writeOwn(p: Processor, owner: usize, sampleRateHz: f64, left: usize, right: usize, frames: i32): void {
  const state = savedState(p) + 4;
  const rate = load<f64>(state);
  const given = load<u32>(state, 12);
  const first = state + HEADER;
  const second = load<u32>(state, 8) == 2 ? first + (<usize>given << 2) : first;
  if (rate == sampleRateHz) {
    memory.copy(left, first, <usize>frames << 2);
    memory.copy(right, second, <usize>frames << 2);
    return;
  }
  // Fewer frames out than in: the filter is as much longer.
  const step = rate / sampleRateHz;
  const stretch = max<f64>(1, step);
  const taps = (<i32>Math.ceil(TAPS * stretch) + 3) & ~3;
  const table = takeRoomy(owner, (<usize>taps << 3) * (ROWS + 3));
  sincTable(table, taps, -1, ROWS + 3, ROWS, (0.5 - HALF_TRANSITION) / stretch, BETA);
  const row = takeRoomy(owner, <usize>taps << 3);
  // Zeros before and after, as far as the filter reaches.
  const pairs = takeRoomy(owner, <usize>(given + 3 * taps) << 4);
  const before = <usize>(taps / 2 - 1) << 4;
  for (let i: usize = 0; i < <usize>given; i++) {
    store<f64>(pairs + before + (i << 4), <f64>load<f32>(first + (i << 2)));
    store<f64>(pairs + before + (i << 4), <f64>load<f32>(second + (i << 2)), 8);
  }
  resampleDense(pairs, table, taps, ROWS, 0, step, row, left, right, frames);
}
