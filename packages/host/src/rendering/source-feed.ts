/** Reads streamed sources ahead of a render, each into its ring, on the thread that asks for the render. */
import type { JobSource } from "./render-job.ts";
import {
  isStreamed,
  type RenderRequest,
  type RenderSource,
  type SourceStream,
  type StreamedSource,
} from "./render-request.ts";
import { SourceRingWriter, sourceRing } from "./source-ring.ts";

export class SourceFeed {
  /** By input node id, what the render thread gets. */
  readonly sources: ReadonlyMap<string, JobSource>;
  readonly #writers: SourceRingWriter[] = [];
  readonly #reading: Promise<void>;

  /** Begins to read. `fail` is told the first error; it never comes after stop(). */
  constructor(
    sources: ReadonlyMap<string, RenderSource>,
    sampleRateHz: number,
    fail: (error: unknown) => void,
  ) {
    const readings: Promise<void>[] = [];
    this.sources = new Map(
      [...sources].map(([id, source]): [string, JobSource] => {
        if (!isStreamed(source)) return [id, source];
        const ring = sourceRing(source.channels, sampleRateHz);
        const writer = new SourceRingWriter(ring);
        this.#writers.push(writer);
        readings.push(readAll(source, writer).catch(fail));
        return [id, ring];
      }),
    );
    this.#reading = Promise.all(readings).then(() => {});
  }

  /** Resolves when every stream is closed. */
  async stop(): Promise<void> {
    for (const writer of this.#writers) writer.stop();
    await this.#reading;
  }
}

/** How long the song is likely to be. */
export function likelyFramesOf(request: Omit<RenderRequest, "signal">): number {
  const { sources, mostFrames = Number.POSITIVE_INFINITY, sourceFrames = Number.POSITIVE_INFINITY } = request;
  const lengths = [...sources.values()].map((source) =>
    isStreamed(source)
      ? (source.frames ?? source.likelyFrames ?? 0)
      : source.reduce((longest, channel) => Math.max(longest, channel.length), 0),
  );
  return request.frames ?? Math.min(mostFrames, sourceFrames, Math.max(0, ...lengths));
}

async function readAll(source: StreamedSource, writer: SourceRingWriter): Promise<void> {
  const stream = await source.open();
  try {
    for (;;) {
      const piece = await writer.nextPiece();
      if (!piece) return;
      const frames = await fill(stream, piece);
      writer.written(frames);
      if (frames < piece[0].length) return;
    }
  } finally {
    await stream.close();
  }
}

/** A stream may give less than it is asked for; only nothing is its end. */
async function fill(stream: SourceStream, piece: readonly Float32Array[]): Promise<number> {
  const wanted = piece[0].length;
  let frames = 0;
  while (frames < wanted) {
    const read = await stream.read(
      piece.map((channel) => channel.subarray(frames)),
      wanted - frames,
    );
    if (read === 0) break;
    frames += read;
  }
  return frames;
}
