/**
 * The functions that Faust's code imports from "env", with the values of ISO C (C17, 7.12 and annex F.10).
 *
 * Faust's own JavaScript runner takes JavaScript's Math for them, which differs from engine to engine, and from C where C
 * is what a Faust program was written for: round(-2.5) is -3, copysign(0, 1) is +0, pow(1, NaN) is 1, remainder() rounds
 * halves to even. These are the same bits everywhere. The f32 entries work in f64 where f32 would lose a bit.
 */

export function _abs(x: i32): i32 {
  return x < 0 ? -x : x;
}

// ─────────────────────────────────────────────────────────────────────────────────────────── single precision

export function _acosf(x: f32): f32 {
  return <f32>Math.acos(x);
}
export function _asinf(x: f32): f32 {
  return <f32>Math.asin(x);
}
export function _atanf(x: f32): f32 {
  return <f32>Math.atan(x);
}
export function _atan2f(y: f32, x: f32): f32 {
  return <f32>Math.atan2(y, x);
}
export function _ceilf(x: f32): f32 {
  return ceil<f32>(x);
}
export function _cosf(x: f32): f32 {
  return Mathf.cos(x);
}
export function _expf(x: f32): f32 {
  return Mathf.exp(x);
}
export function _floorf(x: f32): f32 {
  return floor<f32>(x);
}
/** The remainder of two f32 is one exactly, so that f64 on the way changes nothing. */
export function _fmodf(x: f32, y: f32): f32 {
  return <f32>Math.mod(x, y);
}
export function _logf(x: f32): f32 {
  return Mathf.log(x);
}
export function _log10f(x: f32): f32 {
  return <f32>Math.log10(x);
}
export function _max_f(x: f32, y: f32): f32 {
  return max<f32>(x, y);
}
export function _min_f(x: f32, y: f32): f32 {
  return min<f32>(x, y);
}
export function _remainderf(x: f32, y: f32): f32 {
  return <f32>Math.rem(x, y);
}
export function _powf(x: f32, y: f32): f32 {
  return <f32>_pow(x, y);
}
export function _rintf(x: f32): f32 {
  return nearest<f32>(x);
}
export function _roundf(x: f32): f32 {
  return <f32>_round(x);
}
export function _sinf(x: f32): f32 {
  return Mathf.sin(x);
}
export function _sqrtf(x: f32): f32 {
  return sqrt<f32>(x);
}
export function _tanf(x: f32): f32 {
  return Mathf.tan(x);
}
export function _acoshf(x: f32): f32 {
  return <f32>Math.acosh(x);
}
export function _asinhf(x: f32): f32 {
  return <f32>Math.asinh(x);
}
export function _atanhf(x: f32): f32 {
  return <f32>Math.atanh(x);
}
export function _coshf(x: f32): f32 {
  return <f32>Math.cosh(x);
}
export function _sinhf(x: f32): f32 {
  return <f32>Math.sinh(x);
}
export function _tanhf(x: f32): f32 {
  return <f32>Math.tanh(x);
}
export function _isnanf(x: f32): i32 {
  return x != x ? 1 : 0;
}
export function _isinff(x: f32): i32 {
  return abs<f32>(x) == Infinity ? 1 : 0;
}
export function _copysignf(x: f32, y: f32): f32 {
  return copysign<f32>(x, y);
}

// ─────────────────────────────────────────────────────────────────────────────────────────── double precision

export function _acos(x: f64): f64 {
  return Math.acos(x);
}
export function _asin(x: f64): f64 {
  return Math.asin(x);
}
export function _atan(x: f64): f64 {
  return Math.atan(x);
}
export function _atan2(y: f64, x: f64): f64 {
  return Math.atan2(y, x);
}
export function _ceil(x: f64): f64 {
  return ceil<f64>(x);
}
export function _cos(x: f64): f64 {
  return Math.cos(x);
}
export function _exp(x: f64): f64 {
  return Math.exp(x);
}
export function _floor(x: f64): f64 {
  return floor<f64>(x);
}
export function _fmod(x: f64, y: f64): f64 {
  return Math.mod(x, y);
}
export function _log(x: f64): f64 {
  return Math.log(x);
}
export function _log10(x: f64): f64 {
  return Math.log10(x);
}
export function _max_(x: f64, y: f64): f64 {
  return max<f64>(x, y);
}
export function _min_(x: f64, y: f64): f64 {
  return min<f64>(x, y);
}
export function _remainder(x: f64, y: f64): f64 {
  return Math.rem(x, y);
}
/** F.10.4.4: 1 to the power of anything, and -1 to ±∞, are 1; in JavaScript they may be NaN. */
export function _pow(x: f64, y: f64): f64 {
  if (x == 1 || (x == -1 && abs<f64>(y) == Infinity)) return 1;
  return Math.pow(x, y);
}
export function _rint(x: f64): f64 {
  return nearest<f64>(x);
}
/** Halves away from zero; the sign of a zero is that of x. */
export function _round(x: f64): f64 {
  const whole = trunc<f64>(x);
  return abs<f64>(x - whole) >= 0.5 ? whole + copysign<f64>(1, x) : whole;
}
export function _sin(x: f64): f64 {
  return Math.sin(x);
}
export function _sqrt(x: f64): f64 {
  return sqrt<f64>(x);
}
export function _tan(x: f64): f64 {
  return Math.tan(x);
}
export function _acosh(x: f64): f64 {
  return Math.acosh(x);
}
export function _asinh(x: f64): f64 {
  return Math.asinh(x);
}
export function _atanh(x: f64): f64 {
  return Math.atanh(x);
}
export function _cosh(x: f64): f64 {
  return Math.cosh(x);
}
export function _sinh(x: f64): f64 {
  return Math.sinh(x);
}
export function _tanh(x: f64): f64 {
  return Math.tanh(x);
}
export function _isnan(x: f64): i32 {
  return x != x ? 1 : 0;
}
export function _isinf(x: f64): i32 {
  return abs<f64>(x) == Infinity ? 1 : 0;
}
export function _copysign(x: f64, y: f64): f64 {
  return copysign<f64>(x, y);
}
