// K-weighting, ITU-R BS.1770-5 Annex 1, written to be read: the twin of assembly/loudness.ts.
//
//   x ──► high shelf (+4 dB, the head) ──► high-pass (38 Hz, RLB) ──► y
//
// The standard gives the coefficients for 48 kHz. Other rates come from the analogue filters behind that table by the
// bilinear transform with the corner frequency kept: B. De Man, "Evaluation of Implementations of the EBU R128 Loudness
// Measurement", AES 145, 2018. At 48 kHz this gives the standard's table to its last printed digit.

/** y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2] */
export interface BiquadCoefficients {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

export interface KWeighting {
  readonly shelf: BiquadCoefficients;
  readonly highPass: BiquadCoefficients;
}

export function kWeighting(sampleRateHz: number): KWeighting {
  return { shelf: shelf(sampleRateHz), highPass: highPass(sampleRateHz) };
}

function shelf(sampleRateHz: number): BiquadCoefficients {
  const cutoffHz = 1681.974450955533;
  const gainDb = 3.999843853973347;
  const q = 0.7071752369554196;
  const k = Math.tan((Math.PI * cutoffHz) / sampleRateHz);
  const high = 10 ** (gainDb / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b0: (high + (band * k) / q + k * k) / a0,
    b1: (2 * (k * k - high)) / a0,
    b2: (high - (band * k) / q + k * k) / a0,
    a1: (2 * (k * k - 1)) / a0,
    a2: (1 - k / q + k * k) / a0,
  };
}

function highPass(sampleRateHz: number): BiquadCoefficients {
  const cutoffHz = 38.13547087602444;
  const q = 0.5003270373238773;
  const k = Math.tan((Math.PI * cutoffHz) / sampleRateHz);
  const a0 = 1 + k / q + k * k;
  return { b0: 1, b1: -2, b2: 1, a1: (2 * (k * k - 1)) / a0, a2: (1 - k / q + k * k) / a0 };
}

/** The sum of the squared K-weighted samples of one channel, from a filter at rest. */
export function kWeightedEnergy(x: Float32Array | Float64Array, sampleRateHz: number): number {
  const { shelf, highPass } = kWeighting(sampleRateHz);
  let energy = 0;
  for (const y of biquad(biquad(x, shelf), highPass)) energy += y * y;
  return energy;
}

function* biquad(x: Iterable<number>, { b0, b1, b2, a1, a2 }: BiquadCoefficients): Generator<number> {
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  for (const x0 of x) {
    const y0 = b0 * x0 + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    yield y0;
    x2 = x1;
    x1 = x0;
    y2 = y1;
    y1 = y0;
  }
}
