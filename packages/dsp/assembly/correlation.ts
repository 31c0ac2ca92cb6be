// The three sums behind the correlation of two channels: Σ l·r, Σ l², Σ r², in double precision, two frames at a time.

@inline function pair(pointer: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(pointer));
}

@inline function sumOfLanes(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Writes Σ l·r, Σ l², Σ r² over `frames` frames of two planar f32 channels to `sums` (three f64). */
export function correlationSums(left: usize, right: usize, frames: i32, sums: usize): void {
  let product = f64x2.splat(0);
  let leftPower = f64x2.splat(0);
  let rightPower = f64x2.splat(0);
  const pairs = left + (<usize>(frames & ~1) << 2);
  for (; left < pairs; left += 8, right += 8) {
    const l = pair(left);
    const r = pair(right);
    product = f64x2.add(product, f64x2.mul(l, r));
    leftPower = f64x2.add(leftPower, f64x2.mul(l, l));
    rightPower = f64x2.add(rightPower, f64x2.mul(r, r));
  }
  let lastLeft: f64 = 0;
  let lastRight: f64 = 0;
  if (frames & 1) {
    lastLeft = load<f32>(left);
    lastRight = load<f32>(right);
  }
  store<f64>(sums, sumOfLanes(product) + lastLeft * lastRight, 0);
  store<f64>(sums, sumOfLanes(leftPower) + lastLeft * lastLeft, 8);
  store<f64>(sums, sumOfLanes(rightPower) + lastRight * lastRight, 16);
}
