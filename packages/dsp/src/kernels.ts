// The wasm instance behind the meters, the spectrum and the resampler.
//
// Nothing lives in its memory between two calls: a wrapper keeps its state on the JavaScript side, lays out what the
// kernel needs on a bench of memory, runs it, and clears the bench. So nothing has to be freed, one instance serves any
// number of meters, and each thread makes its own in about a millisecond.

/** Addresses are byte offsets in the memory of the instance. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  kWeightingDesign(sampleRateHz: number, coefficients: number): void;
  kWeightedEnergy(
    left: number,
    right: number,
    frames: number,
    coefficients: number,
    state: number,
    energy: number,
  ): void;
  truePeakTables(tables: number): void;
  truePeak(x: number, frames: number, tables: number, line: number, peak: number): number;
  samplePeak(x: number, frames: number): number;
  correlationSums(left: number, right: number, frames: number, sums: number): void;
  fftTwiddles(size: number, twiddles: number): void;
  fft(size: number, a: number, b: number, twiddles: number): number;
  windowFrames(x: number, window: number, out: number, frames: number): void;
  addPower(z: number, size: number, power: number): void;
  sincTable(
    table: number,
    taps: number,
    first: number,
    rows: number,
    phases: number,
    cutoff: number,
    beta: number,
  ): void;
  interleavePair(left: number, right: number, pairs: number, frames: number): void;
  resampleRational(
    pairs: number,
    table: number,
    taps: number,
    phases: number,
    phase: number,
    step: number,
    left: number,
    right: number,
    frames: number,
  ): void;
  resampleDense(
    pairs: number,
    table: number,
    taps: number,
    phases: number,
    position: number,
    step: number,
    row: number,
    left: number,
    right: number,
    frames: number,
  ): void;
  quantizeFlat(
    x: number,
    out: number,
    frames: number,
    steps: number,
    key: number,
    frame: number,
    noiseLsb: number,
  ): number;
  quantizeShaped(
    x: number,
    out: number,
    frames: number,
    steps: number,
    key: number,
    frame: number,
    filter: number,
    errors: number,
  ): number;
  log2Block(to: number, from: number, frames: number): void;
  exp2Block(to: number, from: number, frames: number): void;
  biquadBlock(left: number, right: number, frames: number, coefficients: number, state: number): void;
  storeHighpass(at: number, cutoffHz: number, sampleRateHz: number): void;
  dbToGain(db: number): number;
  gainToDb(gain: number): number;
}

const PAGE_BYTES = 65536;
const ALIGNMENT = 16;

/** Where the compiled kernels are. Node reads it as a file, a browser fetches it; pass the bytes to `DspKernels.instantiate`. */
export const kernelsUrl = new URL("../dist/dsp.wasm", import.meta.url);

export class DspKernels {
  /** The kernels themselves. Addresses come from `allocate`. */
  readonly run: KernelExports;
  #top: number;

  private constructor(run: KernelExports) {
    this.run = run;
    this.#top = align(run.heapBase());
  }

  /**
   * Compiles and instantiates the kernels at once, also where nothing can be awaited.
   * Throws `WebAssembly.CompileError` when `bytes` are not the kernels or the engine has no SIMD.
   */
  static instantiate(bytes: ArrayBuffer | ArrayBufferView<ArrayBuffer>): DspKernels {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {});
    return new DspKernels(instance.exports as unknown as KernelExports);
  }

  /** Runs `work` and then takes back everything that it allocated. */
  onBench<T>(work: () => T): T {
    const top = this.#top;
    try {
      return work();
    } finally {
      this.#top = top;
    }
  }

  /** `byteLength` bytes of memory, aligned to 16, with whatever was there before. May detach every view made earlier. */
  allocate(byteLength: number): number {
    const address = this.#top;
    this.#top = align(address + byteLength);
    const missing = this.#top - this.run.memory.buffer.byteLength;
    if (missing > 0) this.run.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return address;
  }

  /** A view of `length` 32-bit floats, valid until the next `allocate`. */
  floats(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.run.memory.buffer, address, length);
  }

  /** A view of `length` 64-bit floats, valid until the next `allocate`. */
  doubles(address: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.run.memory.buffer, address, length);
  }

  /** A view of `length` 32-bit integers, valid until the next `allocate`. */
  integers(address: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.run.memory.buffer, address, length);
  }
}

function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}
