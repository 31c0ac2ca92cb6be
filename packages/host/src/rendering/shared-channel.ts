/** Audio that worker threads may read without a copy. Throws a RangeError where memory does not hold it. */
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
