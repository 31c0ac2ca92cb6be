/**
 * Phase correlation r = Σ l·r / √(Σ l² · Σ r²) over about the last 300 ms: means that forget exponentially, one step a
 * block. 0 for silence.
 */
const INTEGRATION_S: f64 = 0.3;
/** -120 dBFS: quieter means are silence. */
const SILENCE: f64 = 1e-12;

@unmanaged
export class CorrelationMeter {
  product: f64;
  leftPower: f64;
  rightPower: f64;
}

export function resetMeter(meter: CorrelationMeter): void {
  meter.product = 0;
  meter.leftPower = 0;
  meter.rightPower = 0;
}

/** Takes a block; gives -1 to 1. */
export function readMeter(
  meter: CorrelationMeter,
  left: usize,
  right: usize,
  frames: i32,
  sampleRateHz: f64,
): f64 {
  let products = f64x2.splat(0);
  let leftPowers = f64x2.splat(0);
  let rightPowers = f64x2.splat(0);
  const whole = <usize>(frames & ~1) << 2;
  for (let i: usize = 0; i < whole; i += 8) {
    const l = f64x2.promote_low_f32x4(v128.load64_zero(left + i));
    const r = f64x2.promote_low_f32x4(v128.load64_zero(right + i));
    products = f64x2.add(products, f64x2.mul(l, r));
    leftPowers = f64x2.add(leftPowers, f64x2.mul(l, l));
    rightPowers = f64x2.add(rightPowers, f64x2.mul(r, r));
  }
  const odd: f64 = frames & 1;
  const l = odd * <f64>load<f32>(left + whole);
  const r = odd * <f64>load<f32>(right + whole);
  const keep = Math.exp(-<f64>frames / (INTEGRATION_S * sampleRateHz));
  const take = (1 - keep) / <f64>frames;
  meter.product = keep * meter.product + take * (sum(products) + l * r);
  meter.leftPower = keep * meter.leftPower + take * (sum(leftPowers) + l * l);
  meter.rightPower = keep * meter.rightPower + take * (sum(rightPowers) + r * r);
  if (!isFinite(meter.leftPower + meter.rightPower)) resetMeter(meter);
  if (meter.leftPower < SILENCE || meter.rightPower < SILENCE) return 0;
  return max<f64>(-1, min<f64>(1, meter.product / Math.sqrt(meter.leftPower * meter.rightPower)));
}

// @ts-ignore: decorator
@inline
function sum(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}
