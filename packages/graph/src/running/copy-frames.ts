/** Copies frames between buffers without making a view, which would allocate. [audio] */
export function copyFrames(
  to: Float32Array,
  toAt: number,
  from: Float32Array,
  fromAt: number,
  frames: number,
): void {
  // A whole buffer goes by `set`, which is fastest; what is beyond `frames` is nobody's audio.
  if (toAt === 0 && fromAt === 0 && frames * 2 > to.length && from.length <= to.length) {
    to.set(from);
    return;
  }
  for (let i = 0; i < frames; i++) to[toAt + i] = from[fromAt + i];
}
