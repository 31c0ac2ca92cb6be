/**
 * What a file says about itself, read from its own bytes and by its own standard: RFC 9639 (FLAC), RIFF WAVE, RFC 3533 and the Vorbis I
 * specification (Ogg), ISO/IEC 11172-3 with the Xing and LAME tag (MP3).
 */
export interface StemHeader {
  readonly codec: "flac" | "wav" | "ogg" | "mp3";
  readonly rateHz: number;
  readonly channels: number;
  /** Sample width of lossless files. */
  readonly bits?: number;
  /** Length a gapless decoder gives. */
  readonly frames: number;
}

export function readStemHeader(bytes: Uint8Array): StemHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ascii = (at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length));
  if (ascii(0, 4) === "fLaC") {
    // STREAMINFO: 20 bits rate, 3 bits channels - 1, 5 bits width - 1, 36 bits length.
    const word = view.getBigUint64(18);
    return {
      codec: "flac",
      rateHz: Number(word >> 44n),
      channels: Number((word >> 41n) & 7n) + 1,
      bits: Number((word >> 36n) & 31n) + 1,
      frames: Number(word & 0xf_ffff_ffffn),
    };
  }
  if (ascii(0, 4) === "RIFF" && ascii(8, 8) === "WAVEfmt ") {
    const blockBytes = view.getUint16(32, true);
    return {
      codec: "wav",
      rateHz: view.getUint32(24, true),
      channels: view.getUint16(22, true),
      bits: view.getUint16(34, true),
      frames: view.getUint32(40, true) / blockBytes,
    };
  }
  if (ascii(0, 4) === "OggS" && ascii(29, 6) === "vorbis") {
    let last = bytes.length - 14;
    while (ascii(last, 4) !== "OggS") last--;
    return {
      codec: "ogg",
      rateHz: view.getUint32(40, true),
      channels: bytes[39]!,
      frames: Number(view.getBigUint64(last + 6, true)),
    };
  }
  if (bytes[0] === 0xff && (bytes[1]! & 0xe0) === 0xe0) {
    const mono = bytes[3]! >> 6 === 3;
    const xing = mono ? 21 : 36;
    if (ascii(xing, 4) !== "Xing") throw new Error("The MP3 has no Xing tag, so its delay is unknown.");
    const delay = (bytes[xing + 141]! << 4) | (bytes[xing + 142]! >> 4);
    const padding = ((bytes[xing + 142]! & 15) << 8) | bytes[xing + 143]!;
    return {
      codec: "mp3",
      rateHz: [44_100, 48_000, 32_000][(bytes[2]! >> 2) & 3]!,
      channels: mono ? 1 : 2,
      frames: view.getUint32(xing + 8) * 1152 - delay - padding,
    };
  }
  throw new Error(`Neither fLaC, RIFF, OggS nor an MP3 frame: ${[...bytes.subarray(0, 4)].join(" ")}`);
}
