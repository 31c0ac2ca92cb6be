/** Large buffers, in few sizes: a region is used again only for one of exactly its size, and responses have any length. */
import { take } from "@gainstage/plugin-api/assembly/arena";

/** The next of four sizes an octave. */
export function roomy(bytes: usize): usize {
  const step = (<usize>1 << (31 - clz<u32>(<u32>max<usize>(bytes, 1024)))) >> 2;
  return (bytes + step - 1) & ~(step - 1);
}

/** A zeroed region of at least `bytes`, chained to `*owner`. [control] */
export function takeRoomy(owner: usize, bytes: usize): usize {
  return take(owner, roomy(bytes));
}
