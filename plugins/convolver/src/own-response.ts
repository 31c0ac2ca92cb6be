/** The user's own response as the bytes of "state/1", and back. The twin of assembly/own-response.ts. */
import { kaiserSinc } from "@gainstage/dsp";

export interface OwnResponse {
  /** 4000 to 768000. */
  readonly sampleRateHz: number;
  /** One channel for both sides, or left and right; equally long, within ±1e6. */
  readonly channels: readonly Float32Array[];
}

const HEADER = 16;
const LONGEST_S = 12;
const TAPS = 128;
const BETA = 11.16;
const HALF_TRANSITION = 0.0278;

/**
 * The bytes that the convolver takes as its saved state of version 1, for `space` "own": f64 rate, u32 channels, u32 frames,
 * then f32 samples, a channel after the other, all little-endian. Throws a RangeError for a response that it would refuse.
 */
export function responseState({ sampleRateHz, channels }: OwnResponse): Uint8Array {
  const frames = channels[0]?.length ?? 0;
  if (channels.length < 1 || channels.length > 2)
    throw new RangeError(`a response of ${channels.length} channels: it has one or two`);
  if (frames === 0) throw new RangeError("a response without frames");
  if (channels.some((channel) => channel.length !== frames))
    throw new RangeError(`channels of ${channels.map((c) => c.length)} frames: they are equally long`);
  if (!(sampleRateHz >= 4000 && sampleRateHz <= 768_000))
    throw new RangeError(`a rate of ${sampleRateHz} Hz: from 4000 to 768000 Hz are taken`);
  const bytes = new Uint8Array(HEADER + 4 * frames * channels.length);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, sampleRateHz, true);
  view.setUint32(8, channels.length, true);
  view.setUint32(12, frames, true);
  for (const [c, channel] of channels.entries()) {
    for (const [i, x] of channel.entries()) {
      if (!(Math.abs(x) <= 1e6))
        throw new RangeError(`channel ${c} is ${x} at frame ${i}: within ±1e6 it must be`);
      view.setFloat32(HEADER + 4 * (c * frames + i), x, true);
    }
  }
  return bytes;
}

/** What responseState() made; undefined for sixteen zeros, which are no response. */
export function responseOf(bytes: Uint8Array): OwnResponse | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frames = view.getUint32(12, true);
  if (frames === 0) return undefined;
  const channels = Array.from({ length: view.getUint32(8, true) }, (_, c) =>
    Float32Array.from({ length: frames }, (_, i) => view.getFloat32(HEADER + 4 * (c * frames + i), true)),
  );
  return { sampleRateHz: view.getFloat64(0, true), channels };
}

/** Left and right at another rate, 12 s at most: a windowed sinc (J. O. Smith, "Digital Audio Resampling", 2002). */
export function resampled(
  { sampleRateHz: rate, channels }: OwnResponse,
  sampleRateHz: number,
): Float64Array[] {
  const given = channels[0].length;
  const frames = Math.ceil(Math.min((given * sampleRateHz) / rate, LONGEST_S * sampleRateHz));
  const step = rate / sampleRateHz;
  const stretch = Math.max(1, step);
  const half = ((Math.ceil(TAPS * stretch) + 3) & ~3) / 2;
  const cutoff = (0.5 - HALF_TRANSITION) / stretch;
  return [channels[0], channels[1] ?? channels[0]].map((channel) =>
    Float64Array.from({ length: frames }, (_, n) => {
      if (step === 1) return channel[n];
      const at = n * step;
      let y = 0;
      for (let k = Math.max(0, Math.ceil(at - half)); k < Math.min(given, at + half); k++)
        y += channel[k] * kaiserSinc(k - at, half, BETA, cutoff);
      return y;
    }),
  );
}
