/** What a song is heard on: given to the host, which knows nothing of Web Audio. */
export interface Underruns {
  readonly count: number;
  readonly seconds: number;
}

/** A worklet that sounds, on whatever it is heard. */
export interface LiveOutput {
  readonly port: {
    postMessage(message: unknown, transferred?: ArrayBuffer[]): void;
    on(event: "message", listener: (message: unknown) => void): unknown;
  };
  /** Rejects when the processor fails. */
  readonly failed: Promise<never>;
  /** How often and for how long the device went without sound since it was opened, where it is known. */
  underruns?(): Underruns;
  /** Lets what was rendered be heard, and ends the sound. */
  close(): Promise<void>;
}
