/** Peak and mean square of up to two channels, gathered until the control side reads and clears. [audio thread] */

@unmanaged
export class Meter {
  sumSquares0: f64;
  sumSquares1: f64;
  frames: f64;
  peak0: f32;
  peak1: f32;
}

export function resetMeter(meter: Meter): void {
  memory.fill(changetype<usize>(meter), 0, offsetof<Meter>());
}

export function runMeter(meter: Meter, channels: i32, from: usize, stride: usize, frames: i32): void {
  const right = channels == 2 ? from + stride : from;
  let squares = f64x2.splat(0);
  let peak = f32x4.splat(0);
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) {
    const pair = v128.load32_lane(right + i, v128.load32_zero(from + i), 1);
    peak = f32x4.pmax(f32x4.abs(pair), peak);
    const wide = f64x2.promote_low_f32x4(pair);
    squares = f64x2.add(squares, f64x2.mul(wide, wide));
  }
  meter.sumSquares0 += f64x2.extract_lane(squares, 0);
  meter.sumSquares1 += f64x2.extract_lane(squares, 1);
  meter.peak0 = max<f32>(meter.peak0, f32x4.extract_lane(peak, 0));
  meter.peak1 = max<f32>(meter.peak1, f32x4.extract_lane(peak, 1));
  meter.frames += <f64>frames;
}
