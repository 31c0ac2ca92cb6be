/** Peak and mean square of each channel, gathered until the control side reads and clears. [audio thread] */
import { isHushed } from "./silence";

@unmanaged
export class Meter {
  frames: f64;
  channels: i32;
  reserved: i32;
  /** Behind it for each channel: the sum of squares (f64), the peak (f32), four bytes. */
}

const CHANNEL_BYTES: usize = 16;

export function resetMeter(meter: Meter): void {
  meter.frames = 0;
  memory.fill(changetype<usize>(meter) + offsetof<Meter>(), 0, <usize>meter.channels * CHANNEL_BYTES);
}

export function runMeter(meter: Meter, channels: i32, from: usize, stride: usize, frames: i32): void {
  meter.frames += <f64>frames;
  let at = changetype<usize>(meter) + offsetof<Meter>();
  for (let c = 0; c < channels; c += 2, at += 2 * CHANNEL_BYTES, from += 2 * stride) {
    const isPair = c + 1 < channels;
    measure(at, from, isPair ? from + stride : from, isPair, frames);
  }
}

/** Two channels in two lanes. */
function measure(at: usize, left: usize, right: usize, isPair: bool, frames: i32): void {
  if (isHushed(left) && isHushed(right)) return;
  let squares = f64x2.splat(0);
  let peak = f32x4.splat(0);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const pair = v128.load32_lane(right + i, v128.load32_zero(left + i), 1);
    peak = f32x4.pmax(f32x4.abs(pair), peak);
    const wide = f64x2.promote_low_f32x4(pair);
    squares = f64x2.add(squares, f64x2.mul(wide, wide));
  }
  keep(at, f64x2.extract_lane(squares, 0), f32x4.extract_lane(peak, 0));
  if (isPair) keep(at + CHANNEL_BYTES, f64x2.extract_lane(squares, 1), f32x4.extract_lane(peak, 1));
}

// @ts-ignore: decorator
@inline function keep(at: usize, squares: f64, peak: f32): void {
  store<f64>(at, load<f64>(at) + squares);
  store<f32>(at, max<f32>(load<f32>(at, 8), peak), 8);
}
