/**
 * Parameters on their way, by a one-pole that ends: within ARRIVED of what is wanted they are there. Values lie in arrays,
 * since a number that is handed to a function may be allocated.
 */

const SMOOTHING = 0.002;
const ARRIVED = 1e-6;

/** All of `now` one frame on. */
export function approach(now: Float64Array, wanted: Float64Array, smoothing: number = SMOOTHING): void {
  for (let p = 0; p < now.length; p++) {
    now[p] += (wanted[p] - now[p]) * smoothing;
    if (Math.abs(wanted[p] - now[p]) < ARRIVED) now[p] = wanted[p];
  }
}

/** Until the last is there: an upper bound that falls by one each frame. */
export function framesToArrive(now: Float64Array, wanted: Float64Array): number {
  let frames = 0;
  for (let p = 0; p < now.length; p++) {
    const away = Math.abs(wanted[p] - now[p]);
    if (away === 0) continue;
    frames = Math.max(frames, 1, Math.ceil(Math.log(ARRIVED / away) / Math.log(1 - SMOOTHING)) + 1) | 0;
  }
  return frames;
}
