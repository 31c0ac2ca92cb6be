// What dist/dsp.wasm exports: the measuring and converting kernels, each called by the wrapper of the same name in src/.
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
