/** How a response dies away, as ISO 3382-1 measures it in a room. */
import { SAMPLE_RATE_HZ } from "../playing/stream.ts";

/** Three band-passes in a row around an octave's centre (the resonator with unit peak of any textbook). */
function octave(x: Float32Array, centreHz: number): Float64Array {
  const w = (2 * Math.PI * centreHz) / SAMPLE_RATE_HZ;
  const alpha = Math.sin(w) / 2.2;
  const norm = 1 / (1 + alpha);
  let signal = Float64Array.from(x);
  for (let pass = 0; pass < 3; pass++) {
    const out = new Float64Array(signal.length);
    for (let i = 2; i < signal.length; i++) {
      const feedforward = alpha * (signal[i] - signal[i - 2]);
      out[i] = norm * (feedforward + 2 * Math.cos(w) * out[i - 1] - (1 - alpha) * out[i - 2]);
    }
    signal = out;
  }
  return signal;
}

/** T30, all channels together at 48 kHz: seconds to -60 dB by the slope from -5 to -35 dB of the backward integral (Schroeder, JASA 37(3), 1965). */
export function reverberationTimeS(response: readonly Float32Array[], centreHz: number): number {
  const bands = response.map((channel) => octave(channel, centreHz));
  const remaining = new Float64Array(bands[0].length);
  let sum = 0;
  for (let i = remaining.length - 1; i >= 0; i--) {
    for (const band of bands) sum += band[i] ** 2;
    remaining[i] = sum;
  }
  const below = (db: number) => remaining.findIndex((energy) => energy < sum * 10 ** (db / 10));
  const points: [number, number][] = [];
  const last = below(-35);
  for (let i = below(-5); i < last; i += 16) {
    points.push([i / SAMPLE_RATE_HZ, 10 * Math.log10(remaining[i] / sum)]);
  }
  const mean = (of: (p: [number, number]) => number) => points.reduce((s, p) => s + of(p), 0) / points.length;
  const t = mean(([x]) => x);
  const y = mean(([, v]) => v);
  return (-60 * mean(([x]) => (x - t) ** 2)) / mean(([x, v]) => (x - t) * (v - y));
}
