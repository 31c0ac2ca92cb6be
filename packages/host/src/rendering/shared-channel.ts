/** Audio on memory that threads share. */

/** For worker threads to read without a copy. Throws a RangeError where memory does not hold it. */
export function sharedChannel(frames: number): Float32Array {
  let memory: SharedArrayBuffer;
  try {
    memory = new SharedArrayBuffer(frames * 4);
  } catch (cause) {
    throw new RangeError(`${frames} frames of sound do not fit into memory; render less at a time`, {
      cause,
    });
  }
  return new Float32Array(memory);
}

const bytes = new WeakMap<Float32Array, Buffer>();

/**
 * Copies frames from or to shared memory that no other thread writes meanwhile. TypedArray.set() must reckon with one that
 * does, and goes there word by word: measured, two to six times as long.
 */
export function copyShared(
  to: Float32Array,
  toAt: number,
  from: Float32Array,
  fromAt: number,
  frames: number,
): void {
  bytesOf(from).copy(bytesOf(to), 4 * toAt, 4 * fromAt, 4 * (fromAt + frames));
}

/** To make a view takes longer than to look it up. */
function bytesOf(channel: Float32Array): Buffer {
  let known = bytes.get(channel);
  if (!known) {
    known = Buffer.from(channel.buffer as ArrayBuffer, channel.byteOffset, channel.byteLength);
    bytes.set(channel, known);
  }
  return known;
}
