/** What the tests have in common: the plugin at 48 kHz, wet alone unless a test says otherwise, and what it should give. */
import { fileURLToPath } from "node:url";
import { loadFolder, start, stream } from "@gainstage/conformance";
import { type OwnResponse, responseState } from "../src/own-response.ts";

export const folder = fileURLToPath(new URL("../", import.meta.url));
export const RATE_HZ = 48_000;
export const kernel = await loadFolder(folder);

/** The choices of `space` by their ids. */
const choices = kernel.manifest.params.find(({ id }) => id === "space")!.choices!;
export const SPACE_IDS = choices.map(({ id }) => id).filter((id) => id !== "own");
export const spaceOf = (id: string) => choices.findIndex((choice) => choice.id === id);

/** Wet alone, left from left and right from right. */
export const WET = { mixPercent: 100, crossPercent: 0 };

/** A setup that convolves with a response of one's own. */
export function owning(channels: readonly Float32Array[], sampleRateHz = RATE_HZ) {
  const own: OwnResponse = { sampleRateHz, channels };
  return { params: { ...WET, space: spaceOf("own") }, state: { version: 1, bytes: responseState(own) } };
}

export function silence(frames: number): Float32Array[] {
  return [new Float32Array(frames), new Float32Array(frames)];
}

/** A click in both channels, at full scale. */
export function click(frames: number, at = 0): Float32Array[] {
  return silence(frames).map((channel) => channel.fill(1, at, at + 1));
}

/** The wet response to a click, to the end of the tail at most. */
export function impulseResponse(params: Record<string, number>, seconds: number): Float32Array[] {
  const processor = start(kernel, { params: { ...WET, ...params } });
  const response = stream(processor, click(Math.round(seconds * RATE_HZ)), { blocks: [1024] });
  processor.dispose();
  return response;
}

/** Unit energy a channel is what the plugin gives any response: what it multiplies these with. */
export function gainFor(channels: readonly Float32Array[]): number {
  const energy = channels.reduce((sum, channel) => channel.reduce((s, x) => s + x * x, sum), 0);
  return Math.sqrt(channels.length / energy);
}

/** Σ h[k] x[n - k] in f64: one frame of a convolution, by its definition. */
export function convolvedAt(h: Float32Array, x: Float32Array, n: number): number {
  let sum = 0;
  for (let k = Math.max(0, n - x.length + 1); k <= Math.min(n, h.length - 1); k++) sum += h[k] * x[n - k];
  return sum;
}

export function decibels(x: number): number {
  return 20 * Math.log10(x);
}
