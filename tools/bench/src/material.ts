/** What the workloads work on: a programme of a given length, made once, in memory and as a file for other programs. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sharedChannel } from "@gainstage/host";
import { REVERB_SECONDS, SAMPLE_RATE_HZ, TRACK_STAGGER, TRACKS } from "./workloads.ts";

export type Stereo = readonly [Float32Array, Float32Array];

const FRAMES_PER_WRITE = 1 << 16;

export class Material {
  readonly seconds: number;
  readonly frames: number;
  /** W1, W2, W4, W5. */
  readonly source: Stereo;
  /** W3: windows of one long programme. */
  readonly tracks: readonly Stereo[];
  /** W3: the impulse response of a hall, if that workload has its convolution. */
  readonly response: Stereo | undefined;
  /** For files of the peers; gone after dispose(). */
  readonly folder: string = mkdtempSync(join(tmpdir(), "gainstage-bench-"));
  #rawFile: string | undefined;
  readonly #clearAway = () => rmSync(this.folder, { recursive: true, force: true });

  constructor(seconds: number, options: { readonly withTracks: boolean; readonly withConvolution: boolean }) {
    process.on("exit", this.#clearAway);
    this.seconds = seconds;
    this.frames = Math.round(seconds * SAMPLE_RATE_HZ);
    const stagger = Math.round(this.frames * TRACK_STAGGER);
    const tracks = options.withTracks ? TRACKS : 1;
    const long = programme(this.frames + (tracks - 1) * stagger);
    this.tracks = Array.from({ length: tracks }, (_, track) => {
      const from = track * stagger;
      return [
        long[0].subarray(from, from + this.frames),
        long[1].subarray(from, from + this.frames),
      ] as const;
    });
    this.source = this.tracks[0];
    this.response = options.withConvolution ? impulseResponse() : undefined;
  }

  /** The source as raw interleaved 32-bit floats, written at the first call. */
  get rawFile(): string {
    if (this.#rawFile === undefined) {
      this.#rawFile = join(this.folder, "source.f32");
      writeInterleaved(this.#rawFile, this.source);
    }
    return this.#rawFile;
  }

  dispose(): void {
    process.off("exit", this.#clearAway);
    this.#clearAway();
  }
}

/** Something like music: tones and filtered noise that swell and fade. On shared memory, for several threads. */
export function programme(frames: number): Stereo {
  const left = sharedChannel(frames);
  const right = sharedChannel(frames);
  const random = noise();
  let [a, b] = [0, 0];
  for (let i = 0; i < frames; i++) {
    const swell = 0.15 + 0.85 * Math.abs(Math.sin((i * 2 * Math.PI) / 30_000));
    a += 0.3 * (random() - a);
    b += 0.3 * (random() - b);
    // The tones drift, so that the tracks cut from it do not cancel one another.
    const drift = 200 * Math.sin(i / 70_000) + 50 * Math.sin(i / 9001);
    left[i] = swell * (0.5 * Math.sin(i * 0.03 + drift) + 0.5 * a);
    right[i] = swell * (0.5 * Math.sin(i * 0.041 + drift) + 0.5 * b);
  }
  return [left, right];
}

/** Noise that falls by 60 dB over the reverb's time, each channel with the energy 1. */
export function impulseResponse(): Stereo {
  const frames = REVERB_SECONDS * SAMPLE_RATE_HZ;
  const random = noise();
  const channel = () => {
    const x = Float32Array.from({ length: frames }, (_, i) => random() * 10 ** ((-3 * i) / frames));
    const energy = x.reduce((sum, value) => sum + value * value, 0);
    return x.map((value) => value / Math.sqrt(energy));
  };
  return [channel(), channel()];
}

/** Xorshift32 (Marsaglia 2003), from -1 to 1. */
function noise(): () => number {
  let state = 12_345;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
}

function writeInterleaved(path: string, [left, right]: Stereo): void {
  const file = openSync(path, "wx");
  const piece = new Float32Array(2 * FRAMES_PER_WRITE);
  try {
    for (let at = 0; at < left.length; at += FRAMES_PER_WRITE) {
      const frames = Math.min(FRAMES_PER_WRITE, left.length - at);
      for (let i = 0; i < frames; i++) {
        piece[2 * i] = left[at + i];
        piece[2 * i + 1] = right[at + i];
      }
      writeSync(file, new Uint8Array(piece.buffer, 0, frames * 8));
    }
  } finally {
    closeSync(file);
  }
}

/** The two channels of raw interleaved 32-bit floats. */
export function deinterleave(bytes: Uint8Array): Stereo {
  const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  const frames = samples.length >> 1;
  const left = new Float32Array(frames);
  const right = new Float32Array(frames);
  for (let i = 0; i < frames; i++) {
    left[i] = samples[2 * i];
    right[i] = samples[2 * i + 1];
  }
  return [left, right];
}
