/**
 * Looks through msgpack bytes before anything decodes them: only nil, booleans, integers up to 32 bits, float64,
 * strings, binary, arrays and maps with string keys, all in their shortest form, within limits.
 *
 * A stranger's file may otherwise make a decoder allocate gigabytes, build regular expressions or call new Function
 * (msgpackr accepts its record extension in any input). Nothing here allocates by what the bytes declare.
 */
import { MAX_DEPTH } from "./canonical.ts";
import { SessionError } from "./session-error.ts";

export const LIMITS = {
  bytes: 256 << 20,
  values: 4_000_000,
  keyBytes: 256,
  textBytes: 1 << 20,
  binaryBytes: 32 << 20,
  arrayItems: 1_000_000,
  mapEntries: 65_536,
} as const;

const ROOT_OR_ARRAY = 0;
const MAP_KEY = 1;
const MAP_VALUE = 2;

/** Throws a SessionError that says what was met at which byte. */
export function scan(bytes: Uint8Array): void {
  new Scanner(bytes).run();
}

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #depth = 0;
  /** Values still to come, and what the next one is, at each depth. */
  readonly #left = new Float64Array(MAX_DEPTH + 1);
  readonly #next = new Uint8Array(MAX_DEPTH + 1);

  constructor(bytes: Uint8Array) {
    if (bytes.length > LIMITS.bytes)
      throw new SessionError("unreadable", `it is larger than ${LIMITS.bytes} bytes`);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#left[0] = 1;
  }

  run(): void {
    for (let values = 0; this.#step(); values++) {
      if (values > LIMITS.values) this.#refuse(`more than ${LIMITS.values} values`);
    }
    if (this.#at !== this.#bytes.length) this.#refuse("bytes after the end");
  }

  #refuse(what: string): never {
    throw new SessionError("unreadable", `it is damaged or not a session: ${what} at byte ${this.#at}`);
  }

  #need(count: number): void {
    if (this.#at + count > this.#bytes.length) this.#refuse("the file ends too early");
  }

  #unsigned(size: 1 | 2 | 4, atLeast: number): number {
    this.#need(size);
    const value =
      size === 1
        ? this.#view.getUint8(this.#at)
        : size === 2
          ? this.#view.getUint16(this.#at)
          : this.#view.getUint32(this.#at);
    if (value < atLeast) this.#refuse("a number that is not in its shortest form");
    this.#at += size;
    return value;
  }

  /** One value, or a container's head. False at the end. */
  #step(): boolean {
    while (this.#left[this.#depth] === 0) {
      if (this.#depth === 0) return false;
      this.#depth--;
    }
    this.#need(1);
    const isKey = this.#next[this.#depth] === MAP_KEY;
    this.#left[this.#depth]--;
    if (this.#next[this.#depth] !== ROOT_OR_ARRAY) this.#next[this.#depth] = isKey ? MAP_VALUE : MAP_KEY;
    const token = this.#bytes[this.#at++];
    if (token >= 0xa0 && token <= 0xbf) this.#text(token & 31, isKey);
    else if (token === 0xd9) this.#text(this.#unsigned(1, 32), isKey);
    else if (token === 0xda) this.#text(this.#unsigned(2, 256), isKey);
    else if (token === 0xdb) this.#text(this.#unsigned(4, 65_536), isKey);
    else if (isKey) this.#refuse("a key that is not text");
    else this.#value(token);
    return true;
  }

  #text(length: number, isKey: boolean): void {
    if (length > (isKey ? LIMITS.keyBytes : LIMITS.textBytes)) this.#refuse(`a text of ${length} bytes`);
    this.#need(length);
    this.#at += length;
  }

  #value(token: number): void {
    if (token <= 0x7f || token >= 0xe0) return;
    if (token <= 0x9f) {
      this.#open(token & 15, token <= 0x8f);
      return;
    }
    switch (token) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return;
      case 0xc4:
        this.#binary(this.#unsigned(1, 0));
        return;
      case 0xc5:
        this.#binary(this.#unsigned(2, 256));
        return;
      case 0xc6:
        this.#binary(this.#unsigned(4, 65_536));
        return;
      case 0xcb:
        this.#need(8);
        if (!Number.isFinite(this.#view.getFloat64(this.#at))) this.#refuse("a number that is not finite");
        this.#at += 8;
        return;
      case 0xcc:
        this.#unsigned(1, 128);
        return;
      case 0xcd:
        this.#unsigned(2, 256);
        return;
      case 0xce:
        this.#unsigned(4, 65_536);
        return;
      case 0xd0:
      case 0xd1:
      case 0xd2: {
        const size = 1 << (token - 0xd0);
        this.#need(size);
        this.#at += size;
        return;
      }
      case 0xdc:
        this.#open(this.#unsigned(2, 16), false);
        return;
      case 0xdd:
        this.#open(this.#unsigned(4, 65_536), false);
        return;
      case 0xde:
        this.#open(this.#unsigned(2, 16), true);
        return;
      case 0xdf:
        this.#open(this.#unsigned(4, 65_536), true);
        return;
      default:
        this.#refuse(`the token 0x${token.toString(16)}, which no session holds,`);
    }
  }

  #binary(length: number): void {
    if (length > LIMITS.binaryBytes) this.#refuse(`a blob of ${length} bytes`);
    this.#need(length);
    this.#at += length;
  }

  #open(count: number, map: boolean): void {
    const bytesAtLeast = map ? 2 * count : count;
    if (
      count > (map ? LIMITS.mapEntries : LIMITS.arrayItems) ||
      bytesAtLeast > this.#bytes.length - this.#at
    ) {
      this.#refuse(`a ${map ? "map" : "list"} of ${count}, more than there is room for,`);
    }
    if (this.#depth === MAX_DEPTH) this.#refuse(`nesting deeper than ${MAX_DEPTH}`);
    this.#depth++;
    this.#left[this.#depth] = bytesAtLeast;
    this.#next[this.#depth] = map ? MAP_KEY : ROOT_OR_ARRAY;
  }
}
