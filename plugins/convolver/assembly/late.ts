/**
 * Noise whose every octave decays at its own rate: frames of random phase, 50 % overlapped under a sine window, whose
 * powers add up to one. What decays at the rate of 1 kHz is done frame by frame; only the difference is left to the spectra.
 *
 *   random phases × 10^(-3 t (1/T(f) - 1/T(1 kHz))) ─▶ back ─▶ window ─▶ overlap-add ─▶ × 10^(-3 t / T(1 kHz))
 *
 * J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979; its noise, by octaves.
 */
import { CHUNK, joinFirst, joinPass, levelsOf, placeInSpectrum } from "@gainstage/dsp/assembly/negacyclic";
import { turnsOf } from "@gainstage/dsp/assembly/negacyclic-roots";
import { takeRoomy } from "./memory";
import { decayS, fadeFromMs, fadeToMs, middleDecayS } from "./spaces";

const PHASES: i32 = 256;
/** Of the end, a share this long fades out. */
const END_SHARE: f64 = 0.1;

/** Half a frame of noise: some 21 ms. */
function halfFrame(sampleRateHz: f64): i32 {
  return sampleRateHz < 64000 ? 1024 : 4096;
}

/** Adds `frames` of noise at `to`, of a channel of a space whose decays are stretched by `stretch`. [control] */
export function addLate(
  owner: usize, space: i32, channel: i32, stretch: f64, sampleRateHz: f64, to: usize, frames: i32,
): void {
  const size = halfFrame(sampleRateHz);
  const spectrum = takeRoomy(owner, <usize>size << 3);
  const planar = takeRoomy(owner, <usize>size << 3);
  const gains = takeRoomy(owner, <usize>size << 3);
  const ratios = takeRoomy(owner, <usize>size << 3);
  const window = takeRoomy(owner, <usize>size << 3);
  const phases = takeRoomy(owner, <usize>PHASES << 3);
  for (let i = 0; i < 2 * size; i++) {
    store<f32>(window + (<usize>i << 2), <f32>Math.sin((Math.PI * (<f64>i + 0.5)) / (2 * size)));
  }
  for (let i = 0; i < PHASES; i++) {
    store<f32>(phases + (<usize>i << 3), <f32>Math.cos((2 * Math.PI * i) / PHASES));
    store<f32>(phases + (<usize>i << 3), <f32>Math.sin((2 * Math.PI * i) / PHASES), 4);
  }
  const levels = levelsOf(size);
  for (let place = 0; place < size; place++) {
    const turns = turnsOf(levels, place);
    const hz = min<f64>(turns, 1 - turns) * sampleRateHz;
    const rate = 1 / decayS(space, hz) - 1 / middleDecayS(space);
    store<f64>(gains + (<usize>place << 3), 1);
    store<f64>(ratios + (<usize>place << 3), Math.pow(10, (-3 * rate * size) / (stretch * sampleRateHz)));
  }
  let random: u32 = 0x9e3779b9 * <u32>(2 * space + channel + 1);
  for (let start = -size; start < frames; start += size) {
    for (let place = 0; place < size; place++) {
      random ^= random << 13;
      random ^= random >> 17;
      random ^= random << 5;
      const phase = phases + (<usize>(random >> 24) << 3);
      const gain = load<f64>(gains + (<usize>place << 3));
      const at = spectrum + placeInSpectrum(place);
      store<f32>(at, load<f32>(phase) * <f32>gain);
      store<f32>(at, load<f32>(phase, 4) * <f32>gain, 64);
      store<f64>(gains + (<usize>place << 3), gain * load<f64>(ratios + (<usize>place << 3)));
    }
    joinFirst(size, spectrum, planar, 0, size / CHUNK);
    for (let level = levels - 3; level >= 0; level--) joinPass(level, size, planar, 0, size / CHUNK);
    for (let i = max(0, -start); i < min(2 * size, frames - start); i++) {
      const at = to + (<usize>(start + i) << 2);
      const x = load<f32>(planar + (<usize>i << 2)) * load<f32>(window + (<usize>i << 2));
      store<f32>(at, load<f32>(at) + x);
    }
  }
  shape(space, stretch, sampleRateHz, to, frames);
}

/** The decay at 1 kHz, the beginning, which makes room for reflections, and the end. */
function shape(space: i32, stretch: f64, sampleRateHz: f64, to: usize, frames: i32): void {
  const ratio = Math.pow(10, -3 / (middleDecayS(space) * stretch * sampleRateHz));
  const from = fadeFromMs(space) * 0.001 * sampleRateHz;
  const until = fadeToMs(space) * 0.001 * sampleRateHz;
  const end = (1 - END_SHARE) * frames;
  let decay: f64 = 1;
  for (let i = 0; i < frames; i++) {
    let gain = decay;
    if (i < until) gain *= i <= from ? 0 : Math.sin((Math.PI / 2) * ((<f64>i - from) / (until - from)));
    if (i > end) {
      const fade = Math.cos((Math.PI / 2) * ((<f64>i - end) / (frames - end)));
      gain *= fade * fade;
    }
    const at = to + (<usize>i << 2);
    store<f32>(at, <f32>(<f64>load<f32>(at) * gain));
    decay *= ratio;
  }
}
