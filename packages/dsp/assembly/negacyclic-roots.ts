/**
 * The roots for negacyclic.ts: after `level` passes there are 4^level rings t^n - z, and each needs the fourth root w of its
 * z, with w² and w³. Their angles do not depend on the size of the transform, so one table serves all sizes.
 */

/** Passes of the largest transform, of 16384 values, less one. */
const DEEPEST: i32 = 6;
/** Three roots of a block, and of four blocks. */
export const RECORD_BYTES: usize = 24;
export const QUAD_BYTES: usize = 96;

/** Per block of each level but the deepest: w, w², w³. */
let records: usize = 0;
/** Per four blocks of each level from 1: four w, four w², four w³. */
let quads: usize = 0;

// @ts-ignore: decorator
@inline export function recordAt(level: i32, block: i32): usize {
  return records + (recordsBefore(level) + block) * RECORD_BYTES;
}

/** `four` counts groups of four blocks. */
// @ts-ignore: decorator
@inline export function quadAt(level: i32, four: i32): usize {
  return quads + (recordsBefore(level - 1) + four) * QUAD_BYTES;
}

function recordsBefore(level: i32): usize {
  return <usize>((1 << (2 * level)) - 1) / 3;
}

/** Works the roots out, once for all. [control] */
export function prepareRoots(): void {
  if (records != 0) return;
  const recordBytes = (recordsBefore(DEEPEST) * RECORD_BYTES + 63) & ~63;
  records = (heap.alloc(recordBytes + recordsBefore(DEEPEST) * QUAD_BYTES + 63) + 63) & ~63;
  quads = records + recordBytes;
  for (let level = 0; level <= DEEPEST; level++) {
    for (let block = 0; block < 1 << (2 * level); block++) {
      for (let power = 1; power <= 3; power++) {
        const angle = 2 * Math.PI * (turnsOf(level, block) / 4) * power;
        const c = <f32>Math.cos(angle);
        const s = <f32>Math.sin(angle);
        const place = <usize>(power - 1) << 3;
        if (level < DEEPEST) {
          store<f32>(recordAt(level, block) + place, c);
          store<f32>(recordAt(level, block) + place, s, 4);
        }
        if (level > 0) {
          const at = quadAt(level, block >> 2) + (place << 2) + (<usize>(block & 3) << 2);
          store<f32>(at, c);
          store<f32>(at, s, 16);
        }
      }
    }
  }
}

/** The angle of z, in turns, of a block after `level` passes. Places of spectra are blocks after the last pass of all. */
export function turnsOf(level: i32, block: i32): f64 {
  let turns: f64 = 0.25;
  for (let shift = 2 * level - 2; shift >= 0; shift -= 2) {
    const child = (block >> shift) & 3;
    turns = turns / 4 + (child == 0 ? 0 : child == 1 ? 0.5 : child == 2 ? 0.25 : 0.75);
  }
  return turns;
}
