// What dist/dsp.wasm exports: the measuring and converting kernels, each called by the wrapper of the same name in src/.
import { loadPair, section, storePair } from "./biquad";
import { exp2x4, log2x4 } from "./decibel";

export { storeHighpass } from "./biquad";
export { dbToGain, gainToDb } from "./decibel";
export { kWeightingDesign, kWeightedEnergy } from "./loudness";
export { truePeakTables, truePeak, samplePeak } from "./true-peak";
export { correlationSums } from "./correlation";
export { fftTwiddles, fft, windowFrames, addPower } from "./fft";
export { sincTable, interleavePair, resampleRational, resampleDense } from "./resampler";
export { quantizeFlat, quantizeShaped } from "./dither";

/** The first byte that no static data uses: everything from here on belongs to the caller. */
export function heapBase(): usize {
  return __heap_base;
}

/** log2 of `frames` positive samples; the buffers have room for whole vectors. */
export function log2Block(to: usize, from: usize, frames: i32): void {
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) v128.store(to + i, log2x4(v128.load(from + i)));
}

/** 2 to the power of `frames` samples; the buffers have room for whole vectors. */
export function exp2Block(to: usize, from: usize, frames: i32): void {
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 16) v128.store(to + i, exp2x4(v128.load(from + i)));
}

/** Two channels through one section, in place. */
export function biquadBlock(left: usize, right: usize, frames: i32, coefficients: usize, state: usize): void {
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    storePair(left + i, right + i, section(coefficients, state, loadPair(left + i, right + i)));
  }
}
