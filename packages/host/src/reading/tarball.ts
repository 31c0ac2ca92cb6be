/**
 * Reads a gzipped tar as `npm pack` makes it, in memory: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block".
 * Files and folders only. What npm would not write is refused, not repaired.
 *
 *   header of 512 bytes: name 100 │ mode 8 │ uid 8 │ gid 8 │ size 12 │ mtime 12 │ checksum 8 │ type 1 │ link 100 │
 *                        "ustar" 6 │ version 2 │ … │ prefix 155; then the content, filled up to 512
 */
import { gunzipSync } from "node:zlib";
import { plainPath } from "./content-hash.ts";

const BLOCK = 512;
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const MAX_ENTRIES = 10_000;
const MAX_PATH_LENGTH = 1024;

const LINKS = ["1", "2"];
/** Of a pax header: for the next entry, or for all that follow. */
const PAX_NEXT = "x";
const PAX_ALL = "g";

export type TarFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/**
 * The files, by their paths within the one folder that holds them all ("package" in those of npm). Throws an Error that
 * says what is wrong.
 */
export function readTarball(bytes: Uint8Array): TarFiles {
  const tar = unzip(bytes);
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let folder: string | undefined;
  let pax = new Map<string, string>();
  let entries = 0;
  for (let at = 0; ; ) {
    if (at + BLOCK > tar.length) throw new Error("the archive ends too early");
    const header = tar.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    if (++entries > MAX_ENTRIES) throw new Error(`the archive holds more than ${MAX_ENTRIES} entries`);
    checkSum(header);
    const size = numberIn(pax.get("size")) ?? octal(header, 124, 12, "size");
    at += BLOCK;
    if (at + size > tar.length) throw new Error("the archive ends too early");
    const content = tar.subarray(at, at + size);
    at += Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156]).replace("\0", "0");
    if (type === PAX_NEXT) {
      pax = readPax(content);
      continue;
    }
    if (type === PAX_ALL) {
      // Comments, such as git's. A path for all entries would be no path.
      if (readPax(content).has("path")) throw new Error("a global header gives every file the same path");
      continue;
    }
    const path = safePath(pax.get("path") ?? nameOf(header));
    pax = new Map();
    if (LINKS.includes(type)) throw new Error(`"${path}" is a link; links are not unpacked`);
    if (type !== "0" && type !== "5") throw new Error(`"${path}" is neither a file nor a folder`);
    const [top, ...rest] = path.split("/");
    folder ??= top;
    if (top !== folder) throw new Error(`it holds "${top}" beside "${folder}"; npm packs one folder`);
    if (type === "5") continue;
    const inside = rest.join("/");
    if (inside === "") throw new Error(`"${path}" is a file where the folder of the package should be`);
    if (files.has(inside)) throw new Error(`"${path}" is there twice`);
    files.set(inside, content);
  }
  if (files.size === 0) throw new Error("the archive is empty");
  return files;
}

function unzip(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    const { buffer, byteOffset, length } = gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new Error(`unpacked it has more than ${MAX_UNPACKED_BYTES} bytes`);
    throw new Error(`it is not gzipped: ${message}`);
  }
}

/** The sum of the header's bytes, its own eight counted as spaces. */
function checkSum(header: Uint8Array): void {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (sum !== octal(header, 148, 8, "checksum")) throw new Error("a header's checksum is wrong");
}

function octal(header: Uint8Array, at: number, length: number, what: string): number {
  const text = textAt(header, at, length).trim();
  if (!/^[0-7]{1,11}$/.test(text)) throw new Error(`a header's ${what} is not a number`);
  return Number.parseInt(text, 8);
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,12}$/.test(text)) throw new Error("a pax header's size is not a number");
  return Number(text);
}

function nameOf(header: Uint8Array): string {
  const name = textAt(header, 0, 100);
  const prefix = textAt(header, 257, 5) === "ustar" ? textAt(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Up to the first zero byte. */
function textAt(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** Records of "LENGTH KEY=VALUE\n", where LENGTH counts all of it. */
function readPax(content: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const digits = space < 0 || space - at > 10 ? "" : new TextDecoder().decode(content.subarray(at, space));
    const length = /^[1-9]\d*$/.test(digits) ? Number(digits) : 0;
    const record = new TextDecoder().decode(content.subarray(space + 1, at + length));
    const equals = record.indexOf("=");
    if (at + length > content.length || equals < 1 || !record.endsWith("\n"))
      throw new Error("a pax header is broken");
    records.set(record.slice(0, equals), record.slice(equals + 1, -1));
    at += length;
  }
  return records;
}

function safePath(path: string): string {
  const plain = plainPath(path.replace(/\/$/, ""));
  const leads = /^\/|\\|:|\0|(^|\/)\.\.(\/|$)|\/\//.test(plain);
  if (plain === "" || leads || plain.length > MAX_PATH_LENGTH)
    throw new Error(`${JSON.stringify(path.slice(0, MAX_PATH_LENGTH))} is not a path inside the archive`);
  return plain;
}
