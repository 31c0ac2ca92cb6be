/**
 * Memory for processors: regions that return to a free list when their processor goes.
 *
 * `--runtime stub` can only take memory, never give it back; a host that activates and disposes processors for
 * hours needs both. Regions are zeroed, 64-byte aligned, and chained to their owner through a header. A region is
 * used again for one of exactly its size: an effect activated again asks for the sizes it gave back.
 * [control thread]
 */

/** size in bytes (u32), address of the owner's next region (u32), padding to keep the region aligned */
const HEADER: usize = 64;

/** Keeps neighbouring buffers off the same cache sets: channel buffers are mostly powers of two long. */
const STAGGER: usize = 192;

let freeList: usize = 0;

/** A zeroed region of `bytes`, chained in front of `*owner` (the address of a u32). Traps if there is no memory. */
export function take(owner: usize, bytes: usize): usize {
  const size = ((bytes + 63) & ~63) + HEADER + STAGGER;
  let region = reuse(size);
  if (region == 0) region = (heap.alloc(size + 63) + 63) & ~63;
  memory.fill(region, 0, size);
  store<u32>(region, <u32>size);
  store<u32>(region, load<u32>(owner), 4);
  store<u32>(owner, <u32>region);
  return region + HEADER;
}

/** Gives back every region chained to `*owner`. */
export function giveBack(owner: usize): void {
  let region = <usize>load<u32>(owner);
  while (region) {
    const next = <usize>load<u32>(region, 4);
    store<u32>(region, <u32>freeList, 4);
    freeList = region;
    region = next;
  }
  store<u32>(owner, 0);
}

function reuse(size: usize): usize {
  let previous: usize = 0;
  let region = freeList;
  while (region && <usize>load<u32>(region) != size) {
    previous = region;
    region = <usize>load<u32>(region, 4);
  }
  if (region) {
    const next = load<u32>(region, 4);
    if (previous) store<u32>(previous, next, 4);
    else freeList = next;
  }
  return region;
}
