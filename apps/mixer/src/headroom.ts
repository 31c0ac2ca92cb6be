/** The headroom that a master asks for: how loud a mix is, and by how much it must be turned down as a whole. */
export class Headroom {
  readonly #peakDbfs: number | null;
  #peak = 0;

  /** `null` asks for none. */
  constructor(peakDbfs: number | null) {
    this.#peakDbfs = peakDbfs;
  }

  /** The next part of the mix. */
  hear(channels: readonly Float32Array[]): void {
    if (this.#peakDbfs === null) return;
    let peak = this.#peak;
    for (const channel of channels) for (const sample of channel) peak = Math.max(peak, Math.abs(sample));
    this.#peak = peak;
  }

  /** What all that was heard must be turned down by: 0 or below. */
  get trimDb(): number {
    const gain = this.#gain;
    return gain < 1 ? 20 * Math.log10(gain) : 0;
  }

  /** Turns a part of the mix down, in place, once all of it has been heard. */
  trim(channels: readonly Float32Array[]): void {
    const gain = this.#gain;
    if (gain === 1) return;
    for (const channel of channels) for (let i = 0; i < channel.length; i++) channel[i] *= gain;
  }

  get #gain(): number {
    if (this.#peakDbfs === null) return 1;
    const allowed = 10 ** (this.#peakDbfs / 20);
    if (this.#peak <= allowed) return 1;
    // Down to a step of 2^-20: no engine's own way to round a power shows, and no sample is lifted above by f32.
    return Math.floor((allowed / this.#peak) * 2 ** 20) / 2 ** 20;
  }
}
