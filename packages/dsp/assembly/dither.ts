// Word-length reduction with triangular dither, plain or with error feedback; src/dither.ts explains it and is the twin,
// to which these kernels are equal bit for bit: the arithmetic is the same, in the same order.

const GOLDEN: i32 = 0x9e3779b9;

@inline function hashFour(value: v128): v128 {
  let h = i32x4.mul(v128.xor(value, i32x4.shr_u(value, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

@inline function hash(value: i32): i32 {
  let h = (value ^ (value >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/**
 * Quantises `frames` f64 (an even number) to i32, with triangular noise of ±`noiseLsb` (1, or 0 for none) that depends
 * on `key` and on the frame number, of which the first is `frame`. Returns how many were beyond full scale.
 */
export function quantizeFlat(
  x: usize, out: usize, frames: i32, steps: f64, key: i32, frame: i32, noiseLsb: f64,
): i32 {
  const scale = f64x2.splat(steps);
  const low = f64x2.splat(-steps);
  const high = f64x2.splat(steps - 1);
  const unit = f64x2.splat(noiseLsb / 4294967296);
  const half = f64x2.splat(0.5);
  let counter = i32x4.add(i32x4.splat(key + 2 * frame * GOLDEN), i32x4(0, GOLDEN, 2 * GOLDEN, 3 * GOLDEN));
  const next = i32x4.splat(4 * GOLDEN);
  let clipped = i64x2.splat(0);
  const end = x + (<usize>frames << 3);
  for (; x < end; x += 16, out += 8) {
    const uniform = hashFour(counter);
    counter = i32x4.add(counter, next);
    const first = f64x2.convert_low_i32x4_u(v128.shuffle<i32>(uniform, uniform, 0, 2, 0, 2));
    const second = f64x2.convert_low_i32x4_u(v128.shuffle<i32>(uniform, uniform, 1, 3, 1, 3));
    const noise = f64x2.mul(f64x2.sub(first, second), unit);
    const rounded = f64x2.floor(f64x2.add(f64x2.add(f64x2.mul(v128.load(x), scale), noise), half));
    clipped = i64x2.sub(clipped, v128.or(f64x2.ge(rounded, scale), f64x2.lt(rounded, low)));
    const inRange = f64x2.pmax(f64x2.pmin(rounded, high), low);
    v128.store64_lane(out, i32x4.trunc_sat_f64x2_s_zero(inRange), 0);
  }
  return <i32>(i64x2.extract_lane(clipped, 0) + i64x2.extract_lane(clipped, 1));
}

/** The same with noise shaping. `errors` holds the last five errors (f64), the latest first, and is kept up to date. */
export function quantizeShaped(
  x: usize, out: usize, frames: i32, steps: f64, key: i32, frame: i32, filter: usize, errors: usize,
): i32 {
  const h1 = load<f64>(filter, 0), h2 = load<f64>(filter, 8), h3 = load<f64>(filter, 16);
  const h4 = load<f64>(filter, 24), h5 = load<f64>(filter, 32);
  let e1 = load<f64>(errors, 0), e2 = load<f64>(errors, 8), e3 = load<f64>(errors, 16);
  let e4 = load<f64>(errors, 24), e5 = load<f64>(errors, 32);
  let clipped = 0;
  for (let i = 0; i < frames; i++, x += 8, out += 4) {
    const entering = load<f64>(x) * steps - (h1 * e1 + h2 * e2 + h3 * e3 + h4 * e4 + h5 * e5);
    const counter = 2 * (frame + i) * GOLDEN;
    const noise = (<f64>(<u32>hash(key + counter)) - <f64>(<u32>hash(key + counter + GOLDEN))) / 4294967296;
    const rounded = floor<f64>(entering + noise + 0.5);
    e5 = e4;
    e4 = e3;
    e3 = e2;
    e2 = e1;
    e1 = isFinite<f64>(rounded) ? rounded - entering : 0;
    if (rounded >= steps || rounded < -steps) {
      clipped++;
      store<i32>(out, rounded > 0 ? <i32>steps - 1 : -(<i32>steps));
    } else {
      store<i32>(out, isNaN<f64>(rounded) ? 0 : <i32>rounded);
    }
  }
  store<f64>(errors, e1, 0);
  store<f64>(errors, e2, 8);
  store<f64>(errors, e3, 16);
  store<f64>(errors, e4, 24);
  store<f64>(errors, e5, 32);
  return clipped;
}
