/** The convolver with a response of our own, which goes in as its saved state. */
import type { GraphNode } from "@gainstage/graph";
import type { PluginCatalog } from "@gainstage/host";
import type { Stereo } from "../material.ts";
import { SAMPLE_RATE_HZ } from "../workloads.ts";

export const CONVOLVER = "dev.gainstage.convolver";
const HEADER_BYTES = 16;

export function hasConvolver(catalog: PluginCatalog): boolean {
  return catalog.entries.some(({ manifest }) => manifest.id === CONVOLVER);
}

/** All wet. Throws a PluginFault if the catalog has no convolver. */
export function convolverNode(catalog: PluginCatalog, response: Stereo): GraphNode {
  const { params, stateVersion } = catalog.find(CONVOLVER).manifest;
  const spaces = params.find(({ id }) => id === "space")?.choices ?? [];
  return {
    kind: "plugin",
    id: "convolver",
    plugin: CONVOLVER,
    params: { space: spaces.findIndex(({ id }) => id === "own"), mixPercent: 100 },
    state: { version: stateVersion ?? 1, bytes: responseState(response) },
    channels: 2,
  };
}

/** As the convolver's README has it: f64 rate, u32 channels, u32 frames, then f32 samples, a channel after the other. */
function responseState(response: Stereo): Uint8Array {
  const frames = response[0].length;
  const bytes = new Uint8Array(HEADER_BYTES + 8 * frames);
  const header = new DataView(bytes.buffer, 0, HEADER_BYTES);
  header.setFloat64(0, SAMPLE_RATE_HZ, true);
  header.setUint32(8, response.length, true);
  header.setUint32(12, frames, true);
  const samples = new DataView(bytes.buffer, HEADER_BYTES);
  for (const [c, channel] of response.entries()) {
    for (const [i, x] of channel.entries()) samples.setFloat32(4 * (c * frames + i), x, true);
  }
  return bytes;
}
