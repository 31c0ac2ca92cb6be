/** How results are stored: --bits, --dither, --force; and files that appear complete or not at all. */
import { access, mkdir } from "node:fs/promises";
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
  if (force) return;
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) throw new OutputError(path, "it exists already; --force replaces it");
}

/** Throws an OutputError. */
export async function makeFolder(folder: string): Promise<void> {
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
