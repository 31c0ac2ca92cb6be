/** A tenth of a second of noise through a processor, as one number that every bit of it goes into. For Node and browsers. */
import type { RunningProcessor } from "@gainstage/plugin-api";

const FRAMES = 512;
const BLOCKS = 10;

/** FNV-1a over the bits of every output sample. */
export function heardThrough(processor: RunningProcessor): number {
  const { block } = processor;
  let state = 7;
  let hash = 0x811c9dc5;
  for (let k = 0; k < BLOCKS; k++) {
    for (const channel of block.inputs[0]) {
      for (let i = 0; i < FRAMES; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        channel[i] = state / 2 ** 32;
      }
    }
    block.frames = FRAMES;
    processor.process();
    for (const channel of block.outputs[0]) {
      const words = new Uint32Array(channel.buffer, channel.byteOffset, FRAMES);
      for (const word of words) hash = Math.imul(hash ^ word, 0x01000193);
    }
  }
  return hash >>> 0;
}
