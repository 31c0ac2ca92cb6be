/**
 * A ratio of two quadratics that follows a positive function in the Chebyshev sense, as far as a few steps take it:
 *
 *   R(u) = (n0 + n1 u + n2 u²) / (1 + d1 u + d2 u²) ≈ target(u)
 *
 * Sanathanan & Koerner, "Transfer Function Synthesis as a Ratio of Two Complex Polynomials", IEEE Trans. AC 8(1), 1963:
 * the equation N - target D = 0 is linear in the coefficients; weighted by 1 / (target D of the step before) its
 * least squares are those of the relative error. From the third step on each node's weight is multiplied by its error
 * (Lawson, 1961), which levels the errors out.
 */

export interface RationalFit {
  /** n0, n1, n2 */
  readonly numerator: readonly [number, number, number];
  /** 1, d1, d2 */
  readonly denominator: readonly [number, number, number];
  /** The largest |R / target - 1| over the nodes; Infinity if no step gave a ratio that is positive everywhere. */
  readonly error: number;
}

export const NO_FIT: RationalFit = {
  numerator: [1, 0, 0],
  denominator: [1, 0, 0],
  error: Number.POSITIVE_INFINITY,
};

type Quadratic = readonly [number, number, number];

const STEPS = 7;
const STEPS_BEFORE_LEVELLING = 2;
/** Added to the diagonal of the scaled normal equations: where the target is simpler than a ratio of quadratics. */
const RIDGE = 1e-13;

export function quadratic([c0, c1, c2]: Quadratic, u: number): number {
  return c0 + u * (c1 + u * c2);
}

/**
 * `nodes` and `target` are as long as each other, `start` is a first guess of the denominator. `degree` 1 leaves n2 and
 * d2 at 0. `last` is the end of the range, from 0, on which numerator and denominator must be positive.
 */
export function fitRational(
  nodes: Float64Array,
  target: Float64Array,
  start: Quadratic,
  degree: 1 | 2,
  last: number,
): RationalFit {
  let best = NO_FIT;
  let denominator = start;
  const weights = new Float64Array(nodes.length).fill(1);
  const errors = new Float64Array(nodes.length);

  for (let step = 0; step < STEPS; step++) {
    const solution = solveWeighted(nodes, target, weights, denominator, degree);
    const numerator: Quadratic = [solution[0], solution[1], degree === 2 ? solution[2] : 0];
    denominator = degree === 2 ? [1, solution[3], solution[4]] : [1, solution[2], 0];
    if (!isPositive(numerator, last) || !isPositive(denominator, last)) break;

    let error = 0;
    for (let k = 0; k < nodes.length; k++) {
      errors[k] = Math.abs(
        quadratic(numerator, nodes[k]) / (target[k] * quadratic(denominator, nodes[k])) - 1,
      );
      error = Math.max(error, errors[k]);
    }
    if (error < best.error) best = { numerator, denominator, error };
    if (error < 1e-9) break;
    if (step >= STEPS_BEFORE_LEVELLING) {
      for (let k = 0; k < nodes.length; k++) weights[k] *= errors[k] / error + 1e-4;
    }
  }
  return best;
}

/** Above 0 from 0 to `last`, by its ends and, if that lies between them, its vertex. */
function isPositive(c: Quadratic, last: number): boolean {
  if (!(c[0] > 0 && quadratic(c, last) > 0)) return false;
  const vertex = -c[1] / (2 * c[2]);
  return !(vertex > 0 && vertex < last) || quadratic(c, vertex) > 0;
}

/** Normal equations of N - target D = 0 in (n0, n1, [n2,] d1 [, d2]), scaled to a unit diagonal, by Gauss and Jordan. */
function solveWeighted(
  nodes: Float64Array,
  target: Float64Array,
  weights: Float64Array,
  denominator: Quadratic,
  degree: 1 | 2,
): number[] {
  const size = 2 * degree + 1;
  const matrix = Array.from({ length: size }, () => new Float64Array(size + 1));
  for (let k = 0; k < nodes.length; k++) {
    const u = nodes[k];
    const t = target[k];
    const row = degree === 2 ? [1, u, u * u, -t * u, -t * u * u, t] : [1, u, -t * u, t];
    const scale = 1 / (t * quadratic(denominator, u));
    const weight = weights[k] * scale * scale;
    for (let i = 0; i < size; i++) for (let j = 0; j <= size; j++) matrix[i][j] += weight * row[i] * row[j];
  }

  const scales = matrix.map((row, i) => 1 / Math.sqrt(row[i]));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) matrix[i][j] *= scales[i] * scales[j];
    matrix[i][size] *= scales[i];
    matrix[i][i] += RIDGE;
  }
  for (let i = 0; i < size; i++) {
    for (let r = 0; r < size; r++) {
      if (r === i) continue;
      const factor = matrix[r][i] / matrix[i][i];
      for (let j = i; j <= size; j++) matrix[r][j] -= factor * matrix[i][j];
    }
  }
  return matrix.map((row, i) => (row[size] / row[i]) * scales[i]);
}
