/** The stems of a session, or of a folder: found, opened or read at the session's rate, ready for the mixer. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve, sep } from "node:path";
import {
  type AudioFileInfo,
  type AudioSource,
  type AudioStream,
  InputError,
  naturalOrder,
  openAudioFile,
  supportedExtensions,
} from "@gainstage/audio-io";
import { resample } from "@gainstage/dsp";
import { defaultSession } from "@gainstage/mixer";
import { checkSession, readSession, type Session, SessionError, type Strip } from "@gainstage/session";
import { CommandError, ExitCode } from "./exit-code.ts";
import { warn } from "./terminal.ts";
import { dspKernels, readAudio } from "./workplace.ts";

export interface Stem {
  readonly strip: Strip;
  readonly path: string;
  readonly info: AudioFileInfo;
  readonly channels: readonly Float32Array[];
  /** How many times faster than real time it was read and brought to the session's rate. */
  readonly readingSpeed: number;
}

/** A stem that is read while it is mixed. */
export interface OpenStem {
  readonly strip: Strip;
  readonly source: AudioSource;
}

/** Throws an InputError. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT" ? "no such file" : code === "EISDIR" ? "it is a directory" : (error as Error).message;
    throw new InputError(path, reason);
  }
}

/** Throws a SessionError whose message names the file, or an InputError. */
export async function readSessionFile(path: string): Promise<Session> {
  const bytes = await readBytes(path);
  try {
    return readSession(bytes);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    throw new SessionError(error.code, `cannot open ${path}: ${error.message}`, error.problems);
  }
}

/** A session file, or a folder of stems as a session with default strips at `sampleRateHz`. */
export async function sessionAt(
  path: string,
  sampleRateHz: number,
): Promise<{ readonly session: Session; readonly folder: string }> {
  const status = await stat(path).catch(() => undefined);
  if (!status?.isDirectory()) return { session: await readSessionFile(path), folder: dirname(path) };
  const names = (await readdir(path)).filter((name) =>
    supportedExtensions.some((extension) => name.toLowerCase().endsWith(extension)),
  );
  if (names.length === 0) {
    throw new InputError(path, `the folder holds no audio file (${supportedExtensions.join(" ")})`);
  }
  const session = defaultSession(basename(resolve(path)), sampleRateHz, names.sort(naturalOrder));
  return { session: checkSession(session), folder: path };
}

/** Reads every strip's source from `folder`. `onStem` is told after each. Throws an InputError. */
export async function readStems(
  session: Session,
  folder: string,
  onStem: (done: number, total: number) => void = () => {},
): Promise<Stem[]> {
  const stems: Stem[] = [];
  for (const strip of session.strips) {
    const path = stemPath(folder, strip);
    const started = performance.now();
    const { audio, info } = await readAudio(path, session.sampleRateHz);
    refuseWide(path, audio.channels.length);
    const readingSpeed = (audio.frames / audio.sampleRateHz) * (1000 / (performance.now() - started));
    stems.push({ strip, path, info, channels: audio.channels, readingSpeed });
    onStem(stems.length, session.strips.length);
  }
  return stems;
}

/** Opens every strip's source in `folder`. Throws an InputError. */
export async function openStems(session: Session, folder: string): Promise<OpenStem[]> {
  const stems: OpenStem[] = [];
  for (const strip of session.strips) {
    const path = stemPath(folder, strip);
    const source = await openAudio(path, session.sampleRateHz);
    refuseWide(path, source.channels);
    stems.push({ strip, source });
  }
  return stems;
}

/**
 * Opens a file to be read in pieces, at `sampleRateHz` if given. Warns of what is wrong with it: at once of what its
 * header shows, and of the rest when a stream comes to its end. Throws an InputError.
 */
export async function openAudio(path: string, sampleRateHz?: number): Promise<AudioSource> {
  const kernels = dspKernels();
  const source = await openAudioFile(
    path,
    sampleRateHz === undefined
      ? {}
      : {
          resampleTo: {
            sampleRateHz,
            resample: (channels, fromHz, toHz) => resample(channels, fromHz, toHz, kernels),
            reachFrames: resamplerReach,
          },
        },
  );
  const told = new Set<string>();
  const tell = (warnings: readonly string[]) => {
    for (const text of warnings) if (!told.has(text)) warn(`${path}: ${text}`);
    for (const text of warnings) told.add(text);
  };
  tell(source.info.warnings);
  return { ...source, open: () => telling(source.open(), tell) };
}

function telling(stream: AudioStream, tell: (warnings: readonly string[]) => void): AudioStream {
  return {
    async read(into, frames) {
      const read = await stream.read(into, frames);
      if (stream.outcome) tell(stream.outcome.warnings);
      return read;
    },
    get outcome() {
      return stream.outcome;
    },
    close: () => stream.close(),
  };
}

/**
 * Of resample(): its 160 dB window spans 228 periods of the lower rate. Ratios of more than 1024 fractions it
 * interpolates from rounded positions, which are the same in a part and in the whole only nearly.
 */
function resamplerReach(fromHz: number, toHz: number): number | undefined {
  let [fractions, rest] = [toHz, fromHz % toHz];
  while (rest !== 0) [fractions, rest] = [rest, fractions % rest];
  const down = Math.max(1, fromHz / toHz);
  const isExact = toHz / fractions <= 1024 && (toHz / fractions) * 256 * down <= 2 ** 21;
  return isExact ? Math.ceil(128 * down) : undefined;
}

function refuseWide(path: string, channels: number): void {
  if (channels > 2) throw new InputError(path, `it has ${channels} channels; a strip takes one or two`);
}

/** A stranger's session must not reach for files outside its own folder. */
function stemPath(folder: string, strip: Strip): string {
  const root = resolve(folder);
  const path = resolve(root, strip.source);
  if (
    isAbsolute(strip.source) ||
    !(path === root || path.startsWith(root.endsWith(sep) ? root : root + sep))
  ) {
    throw new CommandError(
      ExitCode.BadInput,
      `strip "${strip.name}" takes its sound from ${strip.source}, outside the session's folder; copy the file into it`,
    );
  }
  return join(folder, strip.source);
}
