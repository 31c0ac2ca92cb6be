/** Writes a master for delivery: 16 or 24 bits with dither, or floating point, with its loudness in the bext chunk. */
import { type BroadcastMetadata, type WavSampleFormat, writeWavFile } from "@gainstage/audio-io";
import { type AudioMeasurement, type DitherKind, type DspKernels, quantize } from "@gainstage/dsp";

export interface Delivery {
  readonly format: WavSampleFormat;
  readonly dither: DitherKind;
  readonly force: boolean;
  /** Written to the bext chunk. */
  readonly measurement?: AudioMeasurement;
  readonly description?: string;
}

export interface Delivered {
  readonly path: string;
  /** Samples beyond full scale, which an integer format cannot hold. */
  readonly clippedSamples: number;
}

/** Throws an OutputError; then nothing is left at `path`. */
export async function deliver(
  kernels: DspKernels,
  path: string,
  channels: readonly Float32Array[],
  sampleRateHz: number,
  { format, dither, force, measurement, description }: Delivery,
): Promise<Delivered> {
  const bits = format === "16" ? 16 : format === "24" ? 24 : undefined;
  const quantized = bits
    ? channels.map((channel, c) => quantize(channel, bits, { dither, channel: c, seed: 1, kernels }))
    : [];
  const samples = bits
    ? quantized.map((q) => q.samples)
    : format === "64f"
      ? channels.map((channel) => Float64Array.from(channel))
      : channels;
  await writeWavFile(path, samples, {
    sampleRateHz,
    format,
    force,
    ...(measurement && { bext: broadcastMetadata(measurement, description ?? "") }),
  });
  return { path, clippedSamples: quantized.reduce((sum, q) => sum + q.clippedSamples, 0) };
}

function broadcastMetadata(measured: AudioMeasurement, description: string): BroadcastMetadata {
  const { integratedLufs, loudnessRangeLu, truePeakDbtp, maxMomentaryLufs, maxShortTermLufs } = measured;
  return {
    description,
    originator: "Gainstage",
    ...(integratedLufs !== null && { integratedLufs }),
    ...(loudnessRangeLu !== null && { loudnessRangeLu }),
    ...(truePeakDbtp !== null && { maxTruePeakDbtp: truePeakDbtp }),
    ...(maxMomentaryLufs !== null && { maxMomentaryLufs }),
    ...(maxShortTermLufs !== null && { maxShortTermLufs }),
  };
}
