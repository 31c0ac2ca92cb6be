/** How results are stored: --bits, --dither, --force; and files that appear complete or not at all. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { OutputError, ReplacingFile, type WavSampleFormat } from "@gainstage/audio-io";
import type { DitherKind } from "@gainstage/dsp";
import { Option } from "commander";

export const bitsOption = (preset: WavSampleFormat): Option =>
  new Option("--bits <bits>", "sample format of the file")
    .choices(["16", "24", "32f", "64f"])
    .default(preset);

/** Dither belongs to integers; a floating point file has none. */
export const ditherOption = (): Option =>
  new Option("--dither <kind>", "dither for 16 and 24 bits")
    .choices(["none", "tpdf", "shaped"])
    .default("tpdf");

export interface OutputFlags {
  readonly bits: WavSampleFormat;
  readonly dither: DitherKind;
  readonly force?: boolean;
}

/** Says no before the work begins rather than after it. Throws an OutputError. */
export async function refuseExisting(path: string, force: boolean | undefined): Promise<void> {
  if (path === "") throw new OutputError('""', "the path is empty");
  const status = await stat(path).catch(() => undefined);
  if (!status) return;
  if (status.isDirectory()) throw new OutputError(path, "it is a directory; give a file in it");
  if (!status.isFile()) throw new OutputError(path, "it is not a regular file");
  if (!force) throw new OutputError(path, "it exists already; --force replaces it");
}

/** As refuseExisting, for a file whose folder must be there already. Throws an OutputError. */
export async function refuseTarget(path: string, force: boolean | undefined): Promise<void> {
  await refuseExisting(path, force);
  const folder = dirname(path);
  const status = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
  if (!(status instanceof Error) && !status.isDirectory()) {
    throw new OutputError(path, `${folder} is not a directory`);
  }
  if (status instanceof Error && status.code === "ENOENT") {
    throw new OutputError(path, `the directory ${folder} does not exist`);
  }
}

/** Says no before the work begins if `folder` cannot be made. Throws an OutputError. */
export async function refuseFolder(folder: string): Promise<void> {
  for (let at = folder; ; at = dirname(at)) {
    const status = await stat(at).catch(() => undefined);
    if (status && !status.isDirectory()) {
      throw new OutputError(folder, `the folder cannot be made: ${at} is not a directory`);
    }
    if (status || at === dirname(at)) return;
  }
}

/** Throws an OutputError. */
export async function makeFolder(folder: string): Promise<void> {
  await refuseFolder(folder);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new OutputError(folder, `the folder cannot be made: ${(error as Error).message}`);
  }
}

/** Throws an OutputError; then nothing is left at `path`. */
export async function writeWhole(path: string, content: string | Uint8Array, force: boolean): Promise<void> {
  const file = await ReplacingFile.create(path, force);
  await file.write(typeof content === "string" ? new TextEncoder().encode(content) : content, 0);
  await file.finish();
}
