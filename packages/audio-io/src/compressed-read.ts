// Compressed files through audio-decode, fed piece by piece, with its traps undone:
//
// - FLAC, TTA and WavPack come out in scales of their own: rescaled by the bit depth in the header, exact to the bit.
// - Stereo whose two sides are equal comes out as mono: the header's channel count decides.
// - A file that ends early is not reported: the decoded length is held against the header's.
// - A file that holds nothing gives zero channels instead of an error, and damage is printed on the console.

import { type AudioFileInfo, missingFramesWarning } from "./audio-data.ts";
import type { AudioSource, AudioStream } from "./audio-stream.ts";
import type { ByteSource } from "./byte-source.ts";
import { type Decoded, DecoderFeed } from "./decoder-feed.ts";
import { type DecoderPlan, isPlannedByHead, planDecoding } from "./decoder-plan.ts";
import { InputError } from "./file-errors.ts";
import type { Container } from "./file-format.ts";
import { NonFiniteSamples } from "./non-finite.ts";

/** What the headers leave open and only the first decoded audio tells. */
type Shape = { readonly channels: number; readonly sampleRateHz: number };

/** What the decoder printed, as one line. */
function damageWarning(said: readonly string[]): string {
  const detail = said[0].match(/Error: (\S+)/)?.[1] ?? said[0].trim().split("\n")[0];
  const more = said.length > 1 ? ` and ${said.length - 1} more` : "";
  return `the decoder reported damage: ${detail}${more}`;
}

/** The decoder collapses WMA too, and its header is not read here. */
const maybeMono = "read as mono: a WMA file with equal left and right cannot be told from a mono one";

class CompressedStream implements AudioStream {
  readonly #path: string;
  readonly #plan: DecoderPlan;
  readonly #feed: DecoderFeed;
  readonly #nonFinite = new NonFiniteSamples();
  #shape: Shape | undefined;
  #ready: Decoded | undefined;
  /** Frames of `#ready` that were handed out, and of the whole. */
  #taken = 0;
  #frames = 0;
  #isOver = false;

  constructor(path: string, plan: DecoderPlan, from: number) {
    this.#path = path;
    this.#plan = plan;
    this.#feed = new DecoderFeed(path, plan, from);
  }

  /** Decodes until there is audio, and lets go of the file. @throws InputError when there is none in all of it. */
  async begin(): Promise<Shape> {
    try {
      await this.#decodeMore();
    } finally {
      await this.#feed.pause();
    }
    const first = this.#ready;
    const { facts } = this.#plan;
    if (first === undefined)
      throw new InputError(this.#path, facts.cut ?? "it holds no audio that can be decoded");
    if (!(first.sampleRate > 0)) throw new InputError(this.#path, "its sample rate is not known");
    const decoded = first.channelData.length;
    this.#shape = {
      channels: decoded === 1 && facts.channels === 2 ? 2 : decoded,
      sampleRateHz: first.sampleRate,
    };
    return this.#shape;
  }

  async read(into: readonly Float32Array[], frames: number): Promise<number> {
    if (this.#shape === undefined) await this.begin();
    let done = 0;
    while (done < frames) {
      if (this.#ready === undefined) {
        if (this.#isOver) break;
        await this.#decodeMore();
        continue;
      }
      const { channelData } = this.#ready;
      const count = Math.min(channelData[0].length - this.#taken, frames - done);
      for (const [c, samples] of into.entries()) {
        const side = channelData[c % channelData.length];
        samples.set(side.subarray(this.#taken, this.#taken + count), done);
      }
      done += count;
      this.#taken += count;
      if (this.#taken === channelData[0].length) this.#ready = undefined;
    }
    this.#nonFinite.silence(into, done, this.#frames);
    this.#frames += done;
    return done;
  }

  async #decodeMore(): Promise<void> {
    this.#taken = 0;
    do this.#ready = await this.#feed.next();
    while (this.#ready !== undefined && !this.#ready.channelData[0]?.length);
    this.#isOver = this.#ready === undefined;
  }

  get outcome(): AudioFileInfo | undefined {
    if (!this.#isOver || this.#shape === undefined) return undefined;
    const { facts } = this.#plan;
    const said = this.#feed.said;
    const frames = this.#frames;
    const { warnings: known, ...info } = infoOf(this.#plan, this.#shape);
    const isShort = facts.frames !== undefined && facts.frames - frames > (facts.frameTolerance ?? 0);
    // Some decoders stop at the first damage, which looks just like a cut.
    const how = facts.cut === undefined ? "cut short or damaged" : "cut short";
    const warnings = isShort
      ? [...known.filter((text) => text !== facts.cut), missingFramesWarning(facts.frames, frames, how)]
      : [...known];
    const nonFinite = this.#nonFinite.warning;
    if (nonFinite !== undefined) warnings.push(nonFinite);
    if (said.length > 0) warnings.push(damageWarning(said));
    return { ...info, frames, truncated: isShort || facts.cut !== undefined, warnings };
  }

  close(): Promise<void> {
    return this.#feed.close();
  }
}

/** As far as the headers show it. */
function infoOf({ decoder, facts }: DecoderPlan, shape: Shape): AudioSource["info"] {
  const warnings = facts.cut === undefined ? [] : [facts.cut];
  if (decoder === "wma" && shape.channels === 1) warnings.unshift(maybeMono);
  return {
    format: facts.format,
    ...(facts.bitDepth === undefined ? {} : { bitDepth: facts.bitDepth }),
    sampleFormat: facts.bitDepth === undefined ? "float" : "int",
    ...shape,
    truncated: facts.cut !== undefined,
    warnings,
  };
}

async function openPlan(path: string, plan: DecoderPlan, from: number): Promise<AudioSource> {
  const first = new CompressedStream(path, plan, from);
  const shape = await first.begin().catch(async (error: unknown) => {
    await first.close();
    throw error;
  });
  let begun: CompressedStream | undefined = first;
  return {
    info: infoOf(plan, shape),
    ...shape,
    // The header's length is a promise, which damage breaks.
    frames: undefined,
    likelyFrames: plan.facts.frames,
    open() {
      // The first way through goes on where finding out the shape has ended.
      const stream = begun ?? new CompressedStream(path, plan, from);
      begun = undefined;
      return stream;
    },
  };
}

/** What is planned whole is held in memory while it is planned; this is far above what anyone encodes. */
const mostBytes = 2 ** 31 - 1;
const headBytes = 2 ** 20;

async function bytesToPlan(
  source: ByteSource,
  container: Container,
  audioStart: number,
): Promise<Uint8Array> {
  if (isPlannedByHead(container)) return source.read(audioStart, headBytes);
  if (source.sizeBytes > mostBytes) {
    throw new InputError(source.path, "it is larger than 2 GiB, too much for a compressed file");
  }
  return source.read(audioStart, source.sizeBytes);
}

/**
 * @param audioStart first byte behind any ID3 tag.
 * @throws InputError when nothing can be decoded.
 */
export async function openCompressed(
  source: ByteSource,
  container: Container,
  audioStart: number,
): Promise<AudioSource> {
  const plan = planDecoding(source.path, await bytesToPlan(source, container, audioStart), container);
  return openPlan(source.path, plan, audioStart + plan.start);
}

/** The WAV codecs beside PCM and float (A-law, mu-law, ADPCM). */
export async function openForeignWav(source: ByteSource, channels: number): Promise<AudioSource> {
  return openPlan(source.path, { decoder: "wav", facts: { format: "wav", channels }, start: 0 }, 0);
}
