/**
 * A ratio of two quadratics that follows a positive function: src/rational-fit.ts, which explains it, over plain memory.
 */

/** Nodes that nodes, target, weights and errors have room for. */
export const MAX_NODES: i32 = 40;

const STEPS = 7;
const STEPS_BEFORE_LEVELLING = 2;
const RIDGE: f64 = 1e-13;

/** n0, n1, n2, d0 = 1, d1, d2, and the largest |R / target - 1| over the nodes, which is infinite without a fit. */
@unmanaged
export class RationalFit {
  n0: f64;
  n1: f64;
  n2: f64;
  d0: f64;
  d1: f64;
  d2: f64;
  error: f64;
}

const WEIGHTS = memory.data(8 * MAX_NODES, 16);
const ERRORS = memory.data(8 * MAX_NODES, 16);
/** Five rows of six. */
const MATRIX = memory.data(8 * 30, 16);
const ROW = memory.data(8 * 6, 16);
const SCALES = memory.data(8 * 5, 16);

// @ts-ignore: decorator
@inline
function get(at: usize, index: i32): f64 {
  return load<f64>(at + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline
function set(at: usize, index: i32, value: f64): void {
  store<f64>(at + (<usize>index << 3), value);
}

// @ts-ignore: decorator
@inline
export function quadratic(c0: f64, c1: f64, c2: f64, u: f64): f64 {
  return c0 + u * (c1 + u * c2);
}

export function noFit(fit: RationalFit): void {
  fit.n0 = 1;
  fit.n1 = 0;
  fit.n2 = 0;
  fit.d0 = 1;
  fit.d1 = 0;
  fit.d2 = 0;
  fit.error = Infinity;
}

/** Fits `count` nodes; 1 + d1 u + d2 u² is the first guess of the denominator. `degree` is 1 or 2. */
export function fitRational(
  best: RationalFit, nodes: usize, target: usize, count: i32, d1: f64, d2: f64, degree: i32, last: f64,
): void {
  noFit(best);
  for (let k = 0; k < count; k++) set(WEIGHTS, k, 1);
  const size = 2 * degree + 1;

  for (let step = 0; step < STEPS; step++) {
    solveWeighted(nodes, target, count, d1, d2, degree);
    const n0 = get(ROW, 0);
    const n1 = get(ROW, 1);
    const n2 = degree == 2 ? get(ROW, 2) : 0;
    d1 = get(ROW, degree + 1);
    d2 = degree == 2 ? get(ROW, size - 1) : 0;
    if (!isPositive(n0, n1, n2, last) || !isPositive(1, d1, d2, last)) break;

    let error: f64 = 0;
    for (let k = 0; k < count; k++) {
      const u = get(nodes, k);
      const e = Math.abs(quadratic(n0, n1, n2, u) / (get(target, k) * quadratic(1, d1, d2, u)) - 1);
      set(ERRORS, k, e);
      error = Math.max(error, e);
    }
    if (error < best.error) {
      best.n0 = n0;
      best.n1 = n1;
      best.n2 = n2;
      best.d1 = d1;
      best.d2 = d2;
      best.error = error;
    }
    if (error < 1e-9) break;
    if (step >= STEPS_BEFORE_LEVELLING) {
      for (let k = 0; k < count; k++) set(WEIGHTS, k, get(WEIGHTS, k) * (get(ERRORS, k) / error + 1e-4));
    }
  }
}

/** Above 0 from 0 to `last`, by its ends and, if that lies between them, its vertex. */
function isPositive(c0: f64, c1: f64, c2: f64, last: f64): bool {
  if (!(c0 > 0 && quadratic(c0, c1, c2, last) > 0)) return false;
  const vertex = -c1 / (2 * c2);
  return !(vertex > 0 && vertex < last) || quadratic(c0, c1, c2, vertex) > 0;
}

/** The normal equations of N - target D = 0, scaled to a unit diagonal, by Gauss and Jordan; the solution in ROW. */
function solveWeighted(nodes: usize, target: usize, count: i32, d1: f64, d2: f64, degree: i32): void {
  const size = 2 * degree + 1;
  const stride = size + 1;
  memory.fill(MATRIX, 0, 8 * 30);
  for (let k = 0; k < count; k++) {
    const u = get(nodes, k);
    const t = get(target, k);
    set(ROW, 0, 1);
    set(ROW, 1, u);
    if (degree == 2) {
      set(ROW, 2, u * u);
      set(ROW, 3, -t * u);
      set(ROW, 4, -t * u * u);
    } else set(ROW, 2, -t * u);
    set(ROW, size, t);
    const scale = 1 / (t * quadratic(1, d1, d2, u));
    const weight = get(WEIGHTS, k) * scale * scale;
    for (let i = 0; i < size; i++) {
      const weighted = weight * get(ROW, i);
      for (let j = 0; j <= size; j++) {
        const at = i * stride + j;
        set(MATRIX, at, get(MATRIX, at) + weighted * get(ROW, j));
      }
    }
  }

  for (let i = 0; i < size; i++) set(SCALES, i, 1 / Math.sqrt(get(MATRIX, i * stride + i)));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const at = i * stride + j;
      set(MATRIX, at, get(MATRIX, at) * (get(SCALES, i) * get(SCALES, j)));
    }
    const right = i * stride + size;
    set(MATRIX, right, get(MATRIX, right) * get(SCALES, i));
    const diagonal = i * stride + i;
    set(MATRIX, diagonal, get(MATRIX, diagonal) + RIDGE);
  }
  for (let i = 0; i < size; i++) {
    for (let r = 0; r < size; r++) {
      if (r == i) continue;
      const factor = get(MATRIX, r * stride + i) / get(MATRIX, i * stride + i);
      for (let j = i; j <= size; j++) {
        const at = r * stride + j;
        set(MATRIX, at, get(MATRIX, at) - factor * get(MATRIX, i * stride + j));
      }
    }
  }
  for (let i = 0; i < size; i++) {
    set(ROW, i, (get(MATRIX, i * stride + size) / get(MATRIX, i * stride + i)) * get(SCALES, i));
  }
}
