/** Tar archives made header by header (POSIX.1-2017, pax, "ustar Interchange Format"), sound ones and others. */
import { gzipSync } from "node:zlib";

export interface TarEntry {
  readonly path: string;
  readonly content?: string | Uint8Array;
  /** "0" a file, "1" a hard link, "2" a symbolic link, "5" a folder, "x" and "g" pax headers. Default "0". */
  readonly type?: string;
  /** What stands in the header for the size. Default: the content's. */
  readonly size?: string;
  readonly prefix?: string;
  readonly wrongSum?: boolean;
}

const BLOCK = 512;

export function header({ path, content = "", type = "0", size, prefix = "", wrongSum }: TarEntry): Buffer {
  const block = Buffer.alloc(BLOCK);
  const length = Buffer.from(content).length;
  block.write(path, 0, 100);
  block.write("0000644\0", 100);
  block.write(size ?? `${length.toString(8).padStart(11, "0")}\0`, 124);
  block.write("        ", 148);
  block.write(type, 156);
  block.write("ustar\x0000", 257);
  block.write(prefix, 345, 155);
  const sum = block.reduce((total, byte) => total + byte, wrongSum ? 1 : 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** One record of a pax header; its length counts its own digits. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length++;
  return `${length} ${key}=${value}\n`;
}

export function tar(entries: readonly TarEntry[], ending: number = 2 * BLOCK): Buffer {
  const pieces = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? "");
    return [header(entry), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...pieces, Buffer.alloc(ending)]);
}

export const tgz = (...entries: readonly TarEntry[]): Buffer => gzipSync(tar(entries));
