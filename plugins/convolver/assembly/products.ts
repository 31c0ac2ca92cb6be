/**
 * The sum of products at the heart of a partitioned convolution: Σ spectra[p] · response[p], sixteen complex values at a time,
 * which stay in registers over all parts. Each is read once, in whole cache lines, and written once.
 */
import { CHUNK_BYTES } from "@gainstage/dsp/assembly/negacyclic";

/**
 * Writes `chunks` chunks of the sum over the latest `heard` spectra to `sum`. Spectra stand in a ring of `parts` at `ring`,
 * the newest at `newest`, older ones after it; parts of the response stand at `response`, both `pitch` bytes apart.
 */
export function addProducts(
  ring: usize, newest: i32, parts: i32, heard: i32, response: usize, pitch: usize, sum: usize, chunks: i32,
): void {
  const upToEnd = parts - newest;
  let first = ring + pitch * newest;
  for (const end = sum + <usize>chunks * CHUNK_BYTES; sum < end; sum += CHUNK_BYTES) {
    let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0, i0 = r0, i1 = r0, i2 = r0, i3 = r0;
    let x = first;
    let h = response;
    for (let p = 0; p < heard; p++) {
      if (p == upToEnd) x = ring;
      let xr = v128.load(x), xi = v128.load(x, 64), hr = v128.load(h), hi = v128.load(h, 64);
      r0 = f32x4.sub(f32x4.add(r0, f32x4.mul(xr, hr)), f32x4.mul(xi, hi));
      i0 = f32x4.add(f32x4.add(i0, f32x4.mul(xr, hi)), f32x4.mul(xi, hr));
      xr = v128.load(x, 16), xi = v128.load(x, 80), hr = v128.load(h, 16), hi = v128.load(h, 80);
      r1 = f32x4.sub(f32x4.add(r1, f32x4.mul(xr, hr)), f32x4.mul(xi, hi));
      i1 = f32x4.add(f32x4.add(i1, f32x4.mul(xr, hi)), f32x4.mul(xi, hr));
      xr = v128.load(x, 32), xi = v128.load(x, 96), hr = v128.load(h, 32), hi = v128.load(h, 96);
      r2 = f32x4.sub(f32x4.add(r2, f32x4.mul(xr, hr)), f32x4.mul(xi, hi));
      i2 = f32x4.add(f32x4.add(i2, f32x4.mul(xr, hi)), f32x4.mul(xi, hr));
      xr = v128.load(x, 48), xi = v128.load(x, 112), hr = v128.load(h, 48), hi = v128.load(h, 112);
      r3 = f32x4.sub(f32x4.add(r3, f32x4.mul(xr, hr)), f32x4.mul(xi, hi));
      i3 = f32x4.add(f32x4.add(i3, f32x4.mul(xr, hi)), f32x4.mul(xi, hr));
      x += pitch;
      h += pitch;
    }
    v128.store(sum, r0);
    v128.store(sum, r1, 16);
    v128.store(sum, r2, 32);
    v128.store(sum, r3, 48);
    v128.store(sum, i0, 64);
    v128.store(sum, i1, 80);
    v128.store(sum, i2, 96);
    v128.store(sum, i3, 112);
    first += CHUNK_BYTES;
    ring += CHUNK_BYTES;
    response += CHUNK_BYTES;
  }
}
