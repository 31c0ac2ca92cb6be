/**
 * The "Xing" frame in front of an MP3 stream of variable bitrate, which tells a decoder how long the sound is and how many samples to
 * drop at both ends. Without it every decoder starts some 25 ms late, and stems drift apart.
 *
 * Layout: G. Bouvigne, "MP3 Info Tag rev 1", http://gabriel.mp3-tech.org/mp3infotag.html; frame header: ISO/IEC 11172-3
 * §2.4.1.3.
 */
const SAMPLES_PER_FRAME = 1152;
/** What LAME's filterbank and look-ahead put before the first sample. Decoders add their own 529 by themselves. */
const ENCODER_DELAY = 576;
const KBPS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const RATES_HZ = [44_100, 48_000, 32_000];
/** The tag's own frame is one of 64 kbit/s, the smallest that holds it at 48 kHz. */
const TAG_BITRATE_INDEX = KBPS.indexOf(64);

/** Puts the tag before an MPEG-1 Layer III stream that encodes `length` samples a channel. */
export function withInfoTag(stream: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const offsets = frameOffsets(stream);
  const padding = offsets.length * SAMPLES_PER_FRAME - ENCODER_DELAY - length;
  const third = (TAG_BITRATE_INDEX << 4) | (stream[2]! & 0x0d); // the stream's rate, no padding
  const mono = stream[3]! >> 6 === 3;
  const tag = new Uint8Array(frameBytes(third));
  const view = new DataView(tag.buffer);
  tag.set([0xff, stream[1]! | 1, third, stream[3]!]); // no CRC
  const xing = 4 + (mono ? 17 : 32); // behind the empty side information
  const ascii = (at: number, text: string) => tag.set(new TextEncoder().encode(text), at);
  const bytes = tag.length + stream.length;

  ascii(xing, "Xing");
  view.setUint32(xing + 4, 0x0f); // frames, bytes, seek table and quality follow
  view.setUint32(xing + 8, offsets.length);
  view.setUint32(xing + 12, bytes);
  for (let percent = 0; percent < 100; percent++) {
    const offset = tag.length + offsets[Math.floor((percent * offsets.length) / 100)]!;
    tag[xing + 16 + percent] = Math.floor((256 * offset) / bytes);
  }
  view.setUint32(xing + 116, 50);
  const lame = xing + 120;
  ascii(lame, "LAME3.100");
  tag[lame + 9] = 0x04; // tag revision 0, variable bitrate by LAME's newer method
  tag[lame + 21] = ENCODER_DELAY >> 4;
  tag[lame + 22] = ((ENCODER_DELAY & 0x0f) << 4) | (padding >> 8);
  tag[lame + 23] = padding & 0xff;
  view.setUint32(lame + 28, bytes);
  view.setUint16(lame + 32, crc16(stream));
  view.setUint16(lame + 34, crc16(tag.subarray(0, lame + 34)));

  const tagged = new Uint8Array(bytes);
  tagged.set(tag);
  tagged.set(stream, tag.length);
  return tagged;
}

/** Where each frame begins. */
function frameOffsets(stream: Uint8Array): number[] {
  const offsets: number[] = [];
  for (let at = 0; at < stream.length; at += frameBytes(stream[at + 2]!)) {
    if (stream[at] !== 0xff || (stream[at + 1]! & 0xfe) !== 0xfa) {
      throw new Error(`No MPEG-1 Layer III frame at byte ${at} of the MP3 stream, where one should begin.`);
    }
    offsets.push(at);
  }
  return offsets;
}

/** Bytes of a frame from the third byte of its header. */
function frameBytes(third: number): number {
  const bitrate = 1000 * KBPS[third >> 4]!;
  return Math.floor((144 * bitrate) / RATES_HZ[(third >> 2) & 3]!) + ((third >> 1) & 1);
}

/** CRC-16 with the polynomial x^16 + x^15 + x^2 + 1, least significant bit first. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}
