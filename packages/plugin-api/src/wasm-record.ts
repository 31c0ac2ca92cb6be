/** The record that a wasm processor shares with the host, word by word, and what its pointers lead to. */
import type { ProcessSetup, Transport } from "./plugin.ts";

/** Word offsets of the record that create() returns. */
export const RECORD = {
  LATENCY_FRAMES: 0,
  TAIL_FRAMES: 1,
  PARAMS: 2,
  PORTS: 3,
  INPUTS: 4,
  OUTPUTS: 5,
  METERS: 6,
  SILENCE: 7,
  TRANSPORT: 8,
  AREAS: 9,
  MODE: 10,
} as const;
export const RECORD_WORDS = 11;

/** Bit 16 of a port's word. */
const CONNECTED = 0x10000;

const PLAYING = 1;
const PRESENT = 2;

/** What the host writes between create() and activate(). */
export function writeSetup(buffer: ArrayBuffer, address: number, setup: ProcessSetup): void {
  const record = new Uint32Array(buffer, address, RECORD_WORDS);
  record[RECORD.MODE] = setup.mode === "offline" ? 1 : 0;
  new Float64Array(buffer, record[RECORD.PARAMS], setup.params.length).set(setup.params);
  const ports = [...setup.inputs, ...setup.outputs];
  new Uint32Array(buffer, record[RECORD.PORTS], ports.length).set(
    ports.map((p) => p.channels | (p.connected ? CONNECTED : 0)),
  );
}

/** The transport in the plugin's memory: flags, signature, then six numbers. Made anew when the memory moves. */
export class TransportView {
  readonly #words: Uint32Array;
  readonly #numbers: Float64Array;

  constructor(buffer: ArrayBuffer, address: number) {
    this.#words = new Uint32Array(buffer, address, 4);
    this.#numbers = new Float64Array(buffer, address + 16, 6);
  }

  /** [audio] */
  write(transport: Transport | null): void {
    if (!transport) {
      this.#words[0] = 0;
      return;
    }
    this.#words[0] = PRESENT | (transport.playing ? PLAYING : 0);
    this.#words[1] = transport.numerator;
    this.#words[2] = transport.denominator;
    this.#numbers[0] = transport.frame;
    this.#numbers[1] = transport.tempoBpm;
    this.#numbers[2] = transport.anchorFrame;
    this.#numbers[3] = transport.anchorBeat;
    this.#numbers[4] = transport.loopStartBeat;
    this.#numbers[5] = transport.loopEndBeat;
  }
}
