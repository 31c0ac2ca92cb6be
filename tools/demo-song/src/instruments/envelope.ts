/** Envelopes with the exponential curves of a charged capacitor, advanced one sample at a time. */
export interface EnvelopeTimes {
  /** Time to 95 % of the peak. */
  readonly attackSeconds: number;
  /** Time constant of the way to the sustain level. */
  readonly decaySeconds: number;
  /** Level held, 0 to 1. */
  readonly sustain: number;
  /** Time to -60 dB after the gate closes. */
  readonly releaseSeconds: number;
}

export class Envelope {
  readonly #attack: number;
  readonly #decay: number;
  readonly #release: number;
  readonly #sustain: number;
  readonly #gateFrames: number;
  #frame = 0;
  #decaying = false;
  #value = 0;

  constructor(times: EnvelopeTimes, gateSeconds: number, rateHz: number) {
    this.#attack = 1 - Math.exp(-3 / (times.attackSeconds * rateHz));
    this.#decay = 1 - Math.exp(-1 / (times.decaySeconds * rateHz));
    this.#release = 1 - Math.exp(-6.9 / (times.releaseSeconds * rateHz));
    this.#sustain = times.sustain;
    this.#gateFrames = gateSeconds * rateHz;
  }

  next(): number {
    if (this.#frame++ >= this.#gateFrames) this.#value -= this.#release * this.#value;
    else if (this.#decaying) this.#value += this.#decay * (this.#sustain - this.#value);
    else {
      this.#value += this.#attack * (1 - this.#value);
      this.#decaying = this.#value > 0.95;
    }
    return this.#value;
  }
}

/** Fades the last milliseconds of a sound, so that cutting its tail never clicks. */
export function fadeEnd(sound: Float64Array, rateHz: number, seconds = 0.02): Float64Array {
  const frames = Math.min(sound.length, Math.round(seconds * rateHz));
  for (let i = 1; i <= frames; i++) sound[sound.length - i]! *= 0.5 - 0.5 * Math.cos((Math.PI * i) / frames);
  return sound;
}

/** An empty sound of a length in seconds. */
export function silence(seconds: number, rateHz: number): Float64Array {
  return new Float64Array(Math.max(1, Math.ceil(seconds * rateHz)));
}
