/** What the tests have in common: the plugin at 48 kHz, wet alone and without filters unless a test says otherwise. */
import { fileURLToPath } from "node:url";
import { loadFolder, start, stream } from "@gainstage/conformance";

export const folder = fileURLToPath(new URL("../", import.meta.url));
export const RATE_HZ = 48_000;
export const kernel = await loadFolder(folder);

/** Echoes alone, straight from the line, at a time in milliseconds. */
export const BARE = { clock: 0, mixPercent: 100, lowCutHz: 20, highCutHz: 20_000, widthPercent: 100 };
/** The places of choices in plugin.json. */
export const CLOCK = { ms: 0, song: 1, own: 2 };
export const MODE = { pingPong: 0, stereo: 1 };

export type Params = Record<string, number>;
type Options = Parameters<typeof stream>[2];

/** The processor's output for `signal` from the start. */
export function through(
  signal: readonly Float32Array[],
  params: Params,
  options: Options = {},
): Float32Array[] {
  const layout = signal.length === 1 ? "mono" : "stereo";
  return stream(start(kernel, { params, layout }), signal, options);
}

export function click(frames: number, amplitude = 1): Float32Array {
  const signal = new Float32Array(frames);
  signal[0] = amplitude;
  return signal;
}

/** [frame, value] of every sample that is not zero. */
export function soundsOf(channel: Float32Array): [number, number][] {
  return Array.from(channel, (x, i): [number, number] => [i, x]).filter(([, x]) => x !== 0);
}

/** The place of a note among the choices. */
export function note(id: string): number {
  const { choices = [] } = kernel.manifest.params.find((param) => param.id === "note") ?? {};
  return choices.findIndex((choice) => choice.id === id);
}

/** The first frame at which two signals differ by one bit; undefined if none. */
export function firstDifference(a: readonly Float32Array[], b: readonly Float32Array[]): string | undefined {
  for (const [c, channel] of a.entries()) {
    const at = channel.findIndex((x, i) => !Object.is(x, b[c][i]));
    if (at >= 0) return `channel ${c}, frame ${at}: ${channel[at]} and ${b[c][at]}`;
  }
  return undefined;
}
