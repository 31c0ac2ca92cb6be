// Which kind of file the bytes are, by their own signature and never by the name.

import { isFlac } from "./flac-header.ts";
import { fourCharacters } from "./iff-chunks.ts";
import { isMp4 } from "./mp4-header.ts";
import { findMp3, isAdts } from "./mpeg-header.ts";
import { isOgg } from "./ogg-header.ts";
import { isTta } from "./tta-header.ts";
import { isWavpack } from "./wavpack-header.ts";

/** Extensions, lower case with the dot, of what a folder scan should offer to `readAudioFile`. */
export const supportedExtensions: readonly string[] = [
  ".wav",
  ".wave",
  ".bwf",
  ".rf64",
  ".aif",
  ".aiff",
  ".aifc",
  ".flac",
  ".mp3",
  ".ogg",
  ".oga",
  ".opus",
  ".m4a",
  ".aac",
  ".caf",
  ".webm",
  ".mka",
  ".wma",
  ".wv",
  ".tta",
  ".ac3",
];

export type Container =
  | "flac"
  | "ogg"
  | "mp3"
  | "adts"
  | "mp4"
  | "caf"
  | "matroska"
  | "asf"
  | "wavpack"
  | "tta"
  | "ac3";

const startsWith = (bytes: Uint8Array, signature: readonly number[]): boolean =>
  signature.every((byte, index) => bytes[index] === byte);

/** Which compressed container starts at these bytes (behind any ID3v2 tag); undefined when none does. */
export function sniffContainer(head: Uint8Array): Container | undefined {
  if (isFlac(head)) return "flac";
  if (isOgg(head)) return "ogg";
  if (isMp4(head)) return "mp4";
  if (fourCharacters(head, 0) === "caff") return "caf";
  if (startsWith(head, [0x1a, 0x45, 0xdf, 0xa3])) return "matroska";
  if (startsWith(head, [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11])) return "asf";
  if (isWavpack(head)) return "wavpack";
  if (isTta(head)) return "tta";
  if (startsWith(head, [0x0b, 0x77])) return "ac3";
  if (isAdts(head)) return "adts";
  return findMp3(head) === undefined ? undefined : "mp3";
}

/** Why bytes that no reader wants are refused, with what they start with. */
export function describeUnknown(head: Uint8Array): string {
  const start = head.subarray(0, 8);
  const known: Readonly<Record<string, string>> = {
    RIFF: "WAV",
    RIFX: "WAV",
    RF64: "WAV",
    BW64: "WAV",
    FORM: "AIFF",
  };
  const magic = fourCharacters(head, 0);
  if (head.length < 12 && known[magic] !== undefined) return "it ends inside its header";
  if (magic === "MAC ")
    return "it is a Monkey's Audio (APE) file, which is not supported; convert it to FLAC";
  if (magic === "riff") return "it is a Wave64 file, which is not supported; convert it to RF64";
  if (magic === "MThd") return "it is a MIDI file: it holds notes, not audio";
  const isText = start.every((byte) => byte >= 0x20 && byte < 0x7f);
  const shown = isText
    ? `'${String.fromCharCode(...start)}'`
    : `bytes ${[...start].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
  return `it is not an audio file (starts with ${shown})`;
}
