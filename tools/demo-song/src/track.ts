/** The tape an instrument plays onto: one or two channels from the song's time 0. */
export class Track {
  readonly rateHz: number;
  readonly channels: readonly Float64Array[];

  constructor(rateHz: number, channelCount: 1 | 2, seconds: number) {
    const frames = Math.ceil(rateHz * seconds);
    this.rateHz = rateHz;
    this.channels = Array.from({ length: channelCount }, () => new Float64Array(frames));
  }

  /**
   * Adds a mono sound at a time. On a stereo track `pan` (-1 left to 1 right) follows the sine law, equal power everywhere;
   * on a mono track it says nothing. What would sound before 0 or past the end is cut.
   */
  add(sound: Float64Array, startSeconds: number, gain: number, pan = 0): void {
    const start = Math.round(startSeconds * this.rateHz);
    const angle = ((pan + 1) * Math.PI) / 4;
    const gains = this.channels.length === 1 ? [gain] : [gain * Math.cos(angle), gain * Math.sin(angle)];
    for (const [c, channel] of this.channels.entries()) {
      const channelGain = gains[c]!;
      const end = Math.min(sound.length, channel.length - start);
      for (let i = Math.max(0, -start); i < end; i++) channel[start + i]! += channelGain * sound[i]!;
    }
  }
}
