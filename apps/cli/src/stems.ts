/** The stems of a session, or of a folder: found, read at the session's rate, ready for the mixer. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve, sep } from "node:path";
import { type AudioFileInfo, InputError, naturalOrder, supportedExtensions } from "@gainstage/audio-io";
import { defaultSession } from "@gainstage/mixer";
import { checkSession, readSession, type Session, SessionError, type Strip } from "@gainstage/session";
import { CommandError, ExitCode } from "./exit-code.ts";
import { readAudio } from "./workplace.ts";

export interface Stem {
  readonly strip: Strip;
  readonly path: string;
  readonly info: AudioFileInfo;
  readonly channels: readonly Float32Array[];
  /** How many times faster than real time it was read and brought to the session's rate. */
  readonly readingSpeed: number;
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
    if (audio.channels.length > 2) {
      throw new InputError(path, `it has ${audio.channels.length} channels; a strip takes one or two`);
    }
    const readingSpeed = (audio.frames / audio.sampleRateHz) * (1000 / (performance.now() - started));
    stems.push({ strip, path, info, channels: audio.channels, readingSpeed });
    onStem(stems.length, session.strips.length);
  }
  return stems;
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
