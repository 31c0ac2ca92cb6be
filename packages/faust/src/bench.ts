/** A linked program on the bench: fed with signals at 48 kHz, its state copied and put back. */
import { type Manifest, processSetup, type RunningProcessor, WasmPlugin } from "@gainstage/plugin-api";
import type { Setting } from "./settings.ts";

export const BENCH_RATE_HZ = 48_000;
export const BENCH_BLOCK_FRAMES = 512;

export class Bench {
  readonly #processor: RunningProcessor;
  readonly #memory: Uint8Array;
  readonly #inputs: readonly Float32Array[];
  /** Whether the inputs hold anything but zeros. */
  #fed = false;

  constructor(
    manifest: Manifest,
    module: WebAssembly.Module,
    params: Setting,
    sampleRateHz: number = BENCH_RATE_HZ,
  ) {
    const connected = manifest.inputs.filter(({ role }) => role !== "main").map(({ id }) => id);
    // A mono program is the same in both channels of a stereo signal.
    const setup = processSetup(manifest, {
      sampleRateHz,
      maxFrames: BENCH_BLOCK_FRAMES,
      layout: "mono",
      params,
      connected,
    });
    this.#processor = new WasmPlugin(manifest, module).activate(setup);
    this.#inputs = this.#processor.block.inputs.flat();
    // A plugin of its own, hence a memory of its own.
    this.#memory = new Uint8Array(this.#processor.block.outputs[0][0].buffer);
  }

  get outputs(): readonly Float32Array[] {
    return this.#processor.block.outputs[0];
  }

  /** One block of at most BENCH_BLOCK_FRAMES; `sample(i, c)` is frame i of input channel c, sidechains after the main ones. */
  run(frames: number, sample: (i: number, c: number) => number): void {
    for (const [c, channel] of this.#inputs.entries())
      for (let i = 0; i < frames; i++) channel[i] = sample(i, c);
    this.#fed = true;
    this.#process(frames);
  }

  /** The same of silence. */
  runSilence(frames: number): void {
    if (this.#fed) for (const channel of this.#inputs) channel.fill(0);
    this.#fed = false;
    this.#process(frames);
  }

  #process(frames: number): void {
    this.#processor.block.frames = frames;
    this.#processor.process();
  }

  /** The frame behind the last of the last block that is larger than `threshold`; 0 if there is none. */
  endOfSound(frames: number, threshold: number): number {
    let end = 0;
    // A sample that is no number counts as one that sounds.
    for (const channel of this.outputs) {
      let i = frames;
      while (i > end && Math.abs(channel[i - 1]) <= threshold) i--;
      end = i;
    }
    return end;
  }

  save(): Uint8Array {
    return this.#memory.slice();
  }

  restore(saved: Uint8Array): void {
    this.#memory.set(saved);
    this.#fed = true;
  }
}
