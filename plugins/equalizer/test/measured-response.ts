/** What a filter does to a frequency, measured: the response to an impulse, and its Fourier sum at that frequency. */
import { impulse, start, stream } from "@gainstage/conformance";
import type { LoadedPlugin } from "@gainstage/plugin-api";

export function impulseResponse(
  plugin: LoadedPlugin,
  params: Record<string, number>,
  sampleRateHz: number,
  frames: number,
  channel: readonly [number, number] = [1, 1],
): Float32Array[] {
  const input = channel.map((amplitude) => impulse(frames, amplitude));
  return stream(start(plugin, { params, sampleRateHz }), input, { blocks: [1024] });
}

/** |H| in dB at `frequencyHz`, by Goertzel's recurrence in f64. */
export function measuredDb(response: Float32Array, frequencyHz: number, sampleRateHz: number): number {
  const w = (2 * Math.PI * frequencyHz) / sampleRateHz;
  const turn = 2 * Math.cos(w);
  let s1 = 0;
  let s2 = 0;
  for (const x of response) [s1, s2] = [x + turn * s1 - s2, s1];
  return 10 * Math.log10(s1 * s1 + s2 * s2 - turn * s1 * s2);
}
