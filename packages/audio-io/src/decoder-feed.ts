// A decoder of audio-decode and the bytes that it is fed, a piece of the file at a time.
//
// Some of its decoders give stereo whose two sides are equal as mono, piece by piece, until a piece differs; they look at
// every 37th frame only. A first piece long enough to differ makes all that follows come as it is.

import decode from "audio-decode";
import type { AudioFormat } from "./audio-data.ts";
import { PausableFile } from "./byte-source.ts";
import { listenTo } from "./decoder-noise.ts";
import type { DecoderName, DecoderPlan } from "./decoder-plan.ts";
import { type DecoderScale, undoScale } from "./decoder-scale.ts";
import { InputError } from "./file-errors.ts";

export type Decoded = { readonly channelData: readonly Float32Array[]; readonly sampleRate: number };
type ChunkDecoder = { (bytes?: Uint8Array): Promise<Decoded>; free(): void };

// The declared type lists fewer decoders than there are.
const decoders = decode as unknown as Readonly<Record<DecoderName, () => Promise<ChunkDecoder>>>;

const decoderScales: Partial<Record<AudioFormat, DecoderScale>> = {
  flac: "symmetric",
  tta: "split",
  wavpack: "split",
};

const collapsing: readonly DecoderName[] = ["mp3", "m4a", "aac", "wma"];

const pieceBytes = 65536;
const firstPieceBytes = 16384;
/** Sides that are equal for so long, about a minute, are taken for equal. */
const longestFirstPieceBytes = 2 ** 20;
const mostBytes = 2 ** 31 - 1;

/** Of a FLAC frame's header (RFC 9639, 9.1), at most. It begins with 0xfff8 or 0xfff9. */
const flacHeaderBytes = 16;

/**
 * Where a piece of FLAC may end: not within what looks like the header of a frame. The decoder does not recognise one
 * that comes in two pieces, takes two frames for one, and loses a frame at the end for each.
 */
function flacCut(bytes: Uint8Array): number {
  let cut = bytes.length;
  for (let at = cut - 1; at >= 0 && at >= cut - flacHeaderBytes; at--) {
    const isSync = bytes[at] === 0xff && (at + 1 === bytes.length || (bytes[at + 1] & 0xfe) === 0xf8);
    if (isSync) cut = at;
  }
  return cut === 0 ? bytes.length : cut;
}

/** Whether any sample of a piece sounds; silence is equal on both sides and tells nothing. */
const sounds = ({ channelData }: Decoded): boolean => channelData[0].some((sample) => sample !== 0);

const skip = ({ channelData, sampleRate }: Decoded, frames: number): Decoded => ({
  channelData: channelData.map((samples) => samples.subarray(frames)),
  sampleRate,
});

export class DecoderFeed {
  readonly #path: string;
  readonly #plan: DecoderPlan;
  readonly #file: PausableFile;
  readonly #start: number;
  #decoder: ChunkDecoder | undefined;
  #position: number;
  #nextBytes: number;
  /** Audio that was given out: after a start over it comes once more. */
  #givenFrames = 0;
  /** The piece that was fed last held the whole file. */
  #isWhole = false;
  #isOver = false;
  #isClosed = false;
  /** What the decoder printed. */
  readonly said: string[] = [];

  /** @param start first byte in the file that the decoder gets. */
  constructor(path: string, plan: DecoderPlan, start: number) {
    this.#path = path;
    this.#plan = plan;
    this.#file = new PausableFile(path);
    this.#start = start;
    this.#position = start;
    // Without a channel count, only the whole can tell equal sides from one.
    const needsWhole = collapsing.includes(plan.decoder) && plan.facts.channels === undefined;
    this.#nextBytes = needsWhole ? Number.POSITIVE_INFINITY : firstPieceBytes;
  }

  /** The audio of the next piece, empty where a piece completes none; undefined at the end. */
  async next(): Promise<Decoded | undefined> {
    if (this.#isOver || this.#isClosed) return undefined;
    let piece = await this.#decodeNext();
    while (this.#mayDiffer(piece)) {
      this.#restart(8 * (this.#position - this.#start));
      piece = skip(await this.#decodeNext(), this.#givenFrames);
    }
    this.#givenFrames += piece.channelData[0]?.length ?? 0;
    const { bitDepth, format } = this.#plan.facts;
    const scale = decoderScales[format];
    if (bitDepth !== undefined && scale !== undefined) undoScale(piece.channelData, bitDepth, scale);
    return piece;
  }

  pause(): Promise<void> {
    return this.#file.pause();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#decoder?.free();
    this.#decoder = undefined;
    await this.#file.pause();
  }

  async #decodeNext(): Promise<Decoded> {
    const wantedBytes = Math.min(this.#nextBytes, mostBytes);
    const read = await this.#file.read(this.#position, wantedBytes);
    const isLast = read.length < wantedBytes;
    const bytes = isLast || this.#plan.decoder !== "flac" ? read : read.subarray(0, flacCut(read));
    this.#isWhole = this.#position === this.#start && isLast;
    this.#position += bytes.length;
    this.#nextBytes = pieceBytes;
    this.#isOver = bytes.length === 0;
    try {
      const { result, said } = await listenTo(async () => {
        this.#decoder ??= await decoders[this.#plan.decoder]();
        return this.#isOver ? this.#decoder() : this.#decoder(bytes);
      });
      this.said.push(...said);
      return result;
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      const { cut, format } = this.#plan.facts;
      throw new InputError(this.#path, cut ?? `its ${format} data cannot be decoded (${text})`, { cause });
    }
  }

  /** A first piece with sound in it that came as mono, of a file that says it is stereo. */
  #mayDiffer(piece: Decoded): boolean {
    const { decoder, facts } = this.#plan;
    if (!collapsing.includes(decoder) || facts.channels !== 2 || piece.channelData.length !== 1) return false;
    const fedBytes = this.#position - this.#start;
    return fedBytes < longestFirstPieceBytes && !this.#isWhole && !this.#isOver && sounds(piece);
  }

  #restart(firstBytes: number): void {
    this.#decoder?.free();
    this.#decoder = undefined;
    this.#position = this.#start;
    this.#nextBytes = firstBytes;
    this.said.length = 0;
  }
}
