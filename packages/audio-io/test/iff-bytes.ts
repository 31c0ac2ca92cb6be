// WAV and AIFF files put together byte by byte, independently of the code under test.

type Field = readonly [
  kind: "u8" | "u16" | "u32" | "u64" | "text" | "raw",
  value: number | bigint | string | Uint8Array,
];

export function pack(littleEndian: boolean, ...fields: Field[]): Uint8Array {
  const parts = fields.map(([kind, value]) => {
    if (value instanceof Uint8Array) return value;
    if (typeof value === "string") return Uint8Array.from(value, (character) => character.charCodeAt(0));
    const size = { u8: 1, u16: 2, u32: 4, u64: 8, text: 0, raw: 0 }[kind];
    const bytes = new Uint8Array(size);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (let index = 0; index < size; index++) {
      bytes[littleEndian ? index : size - 1 - index] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return bytes;
  });
  return concat(...parts);
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A chunk with its pad byte; `size` overrides the honest one. */
export function chunk(littleEndian: boolean, id: string, body: Uint8Array, size = body.length): Uint8Array {
  const pad = new Uint8Array(body.length % 2);
  return concat(pack(littleEndian, ["text", id], ["u32", size]), body, pad);
}

export type FormatFields = {
  tag?: number;
  channels?: number;
  rate?: number;
  blockAlign?: number;
  bits?: number;
  /** Makes it EXTENSIBLE. */
  validBits?: number;
  littleEndian?: boolean;
};

export function formatBody(fields: FormatFields = {}): Uint8Array {
  const { tag = 1, channels = 1, rate = 48000, bits = 16, littleEndian = true, validBits } = fields;
  const blockAlign = fields.blockAlign ?? (channels * bits) / 8;
  const classic = pack(
    littleEndian,
    ["u16", validBits === undefined ? tag : 0xfffe],
    ["u16", channels],
    ["u32", rate],
    ["u32", rate * blockAlign],
    ["u16", blockAlign],
    ["u16", bits],
  );
  if (validBits === undefined) return classic;
  const guidTail = Uint8Array.from([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
  const extension = pack(
    littleEndian,
    ["u16", 22],
    ["u16", validBits],
    ["u32", 0],
    ["u16", tag],
    ["raw", guidTail],
  );
  return concat(classic, extension);
}

/** RIFF/WAVE with fmt and data; `dataSize` overrides the honest one. */
export function wavBytes(format: FormatFields, data: Uint8Array, dataSize = data.length): Uint8Array {
  const littleEndian = format.littleEndian ?? true;
  const body = concat(
    chunk(littleEndian, "fmt ", formatBody(format)),
    chunk(littleEndian, "data", data, dataSize),
  );
  const magic = littleEndian ? "RIFF" : "RIFX";
  return concat(pack(littleEndian, ["text", magic], ["u32", 4 + body.length], ["text", "WAVE"]), body);
}

/** The 80-bit extended of an integer below 2^32: exponent of its top bit, significand shifted up to bit 63. */
export function extended80(value: number): Uint8Array {
  const exponent = Math.floor(Math.log2(value));
  return pack(false, ["u16", 16383 + exponent], ["u64", BigInt(value) << BigInt(63 - exponent)]);
}

export type CommonFields = {
  channels?: number;
  frames: number;
  bits?: number;
  rate?: number;
  codec?: string;
};

export function aiffBytes(fields: CommonFields, data: Uint8Array, offset = 0): Uint8Array {
  const { channels = 1, frames, bits = 16, rate = 48000, codec } = fields;
  const common = concat(
    pack(false, ["u16", channels], ["u32", frames], ["u16", bits]),
    extended80(rate),
    codec === undefined ? new Uint8Array() : pack(false, ["text", codec], ["u8", 0], ["u8", 0]),
  );
  const sound = concat(pack(false, ["u32", offset], ["u32", 0]), new Uint8Array(offset), data);
  const body = concat(chunk(false, "COMM", common), chunk(false, "SSND", sound));
  const kind = codec === undefined ? "AIFF" : "AIFC";
  return concat(pack(false, ["text", "FORM"], ["u32", 4 + body.length], ["text", kind]), body);
}
