/** The song's sources, written to a graph's inputs block after block. */
type Ports = ReadonlyMap<string, readonly Float32Array[]>;

export class LiveSources {
  readonly #sources: Map<string, readonly Float32Array[]>;
  /** Each channel of the inputs fed last, and what it is fed from. */
  #inputs: Ports | undefined;
  #to: readonly Float32Array[] = [];
  #from: readonly Float32Array[] = [];
  readonly #endFrame: number;
  #lastFrame = 0;

  /** [control] Silence from `endFrame` on. */
  constructor(sources: Ports, endFrame: number) {
    this.#sources = new Map(sources);
    this.#endFrame = endFrame;
    this.#measure();
  }

  /** How far any source goes. */
  get lastFrame(): number {
    return this.#lastFrame;
  }

  /** [control, between blocks] What an input is fed from now on. */
  give(input: string, channels: readonly Float32Array[]): void {
    this.#sources.set(input, channels);
    this.#inputs = undefined;
    this.#measure();
  }

  /**
   * [audio] The song's frames from `at` on, without a view, which would allocate. An input without a source stays silent; a mono
   * source stands on every channel. Inputs that are others than before are got to know, which does take memory.
   */
  feed(inputs: Ports, at: number, frames: number): void {
    if (inputs !== this.#inputs) this.#connect(inputs);
    for (let k = 0; k < this.#to.length; k++) {
      const to = this.#to[k];
      const from = this.#from[k];
      const has = Math.max(0, Math.min(frames, from.length - at, this.#endFrame - at));
      for (let i = 0; i < has; i++) to[i] = from[at + i];
      if (has < frames) to.fill(0, has, frames);
    }
  }

  #measure(): void {
    const lengths = [...this.#sources.values()].flat().map((channel) => channel.length);
    this.#lastFrame = Math.min(this.#endFrame, Math.max(0, ...lengths));
  }

  #connect(inputs: Ports): void {
    this.#inputs = inputs;
    const pairs = [...inputs].flatMap(([id, channels]) => {
      const source = this.#sources.get(id);
      return source ? channels.map((to, c) => ({ to, from: source[Math.min(c, source.length - 1)] })) : [];
    });
    this.#to = pairs.map(({ to }) => to);
    this.#from = pairs.map(({ from }) => from);
  }
}
