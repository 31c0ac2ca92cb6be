/**
 * One stage of the partitioned convolution: a stretch of the response in parts of equal size B, by overlap-save.
 *
 *   x ─▶ blocks of B ─▶ transform ─▶ the latest P spectra, each × its part of the response ─▶ Σ ─▶ back ─▶ y
 *
 * Uniformly partitioned overlap-save: T. G. Stockham, "High-speed convolution and correlation", Spring Joint Computer
 * Conference 28, 1966; in parts: B. D. Kulp, "Digital equalization using Fourier transform techniques", AES 85th
 * Convention, 1988.
 *
 * The first stage does its block at once, when it is full: its response begins B frames late. All others take the time of
 * a whole further block for it, the same share at every tick, and begin 2B late: W. G. Gardner, "Efficient convolution
 * without input-output delay", JAES 43(3), 1995. Which share is done when never shows in the bits.
 *
 * A frame of a channel is planar, see negacyclic.ts: the block before, then the block itself. Only the second half of what
 * comes back is y; what has wrapped round is in the first.
 */
import {
  CHUNK, CHUNK_BYTES, joinFirst, joinPass, levelsOf, splitLast, splitPass,
} from "@gainstage/dsp/assembly/negacyclic";
import { takeRoomy } from "./memory";
import { addProducts } from "./products";

/** Frames from one tick to the next, and the size of the first stage. */
export const TICK: i32 = 64;
export const TICK_BYTES: usize = <usize>TICK << 2;
/** Keeps the same places of different parts in different cache sets. */
const SKEW: usize = 192;

/** Relative times that a chunk of 16 values takes in a pass, in a double pass at an end, and for each part. */
const PASS_COST: i32 = 4;
const END_COST: i32 = 7;
const PART_COST: i32 = 3;

@unmanaged
export class Stage {
  size: i32;
  levels: i32;
  channels: i32;
  parts: i32;
  /** From one part to the next, and from one channel to the next, in spectra and in frames alike, in bytes. */
  pitch: u32;
  channelBytes: u32;
  /** Spectra of the parts of the response, and of the latest `parts` blocks, newest at `newest`, older ones after it. */
  response: u32;
  spectra: u32;
  newest: i32;
  /** Blocks heard since the first sound, at most `parts`: none before them is there to be multiplied. */
  heard: i32;
  /** The frame being filled, the one after it, whose first half is the same block, and the one being worked on. */
  filling: u32;
  next: u32;
  working: u32;
  filled: i32;
  sum: u32;
  /** What is put out now, and what is being worked out. */
  ready: u32;
  coming: u32;
  /** Passes done of the block in work, chunks done of the pass, and how much more has been done than was due. */
  pass: i32;
  chunk: i32;
  ahead: i32;
  share: i32;
  atOnce: bool;
  isReady: bool;
}

export const STAGE_BYTES: usize = offsetof<Stage>();

/** A stage for `parts` parts of `size` frames, chained to `*owner`. [control] */
export function openStage(s: Stage, owner: usize, size: i32, parts: i32, channels: i32): void {
  s.size = size;
  s.levels = levelsOf(size);
  s.channels = channels;
  s.parts = parts;
  s.channelBytes = <u32>size << 3;
  s.pitch = s.channelBytes * channels + <u32>SKEW;
  s.response = <u32>takeRoomy(owner, <usize>s.pitch * parts);
  s.spectra = <u32>takeRoomy(owner, <usize>s.pitch * parts);
  const frame = <usize>s.channelBytes * channels;
  s.filling = <u32>takeRoomy(owner, frame);
  s.next = <u32>takeRoomy(owner, frame);
  s.working = <u32>takeRoomy(owner, frame);
  s.sum = <u32>takeRoomy(owner, frame);
  s.ready = <u32>takeRoomy(owner, frame);
  s.coming = <u32>takeRoomy(owner, frame);
  s.atOnce = size == TICK;
  const ticks = size / TICK;
  let cost = 0;
  for (let pass = 0; pass < passesOf(s); pass++) cost += chunksOf(s) * costOf(s, pass);
  s.share = (cost + ticks - 1) / ticks;
}

/** Takes `frames` (at most B) of the response from `from` as part `part` of a channel. [control] */
export function setPart(s: Stage, part: i32, channel: i32, from: usize, frames: i32): void {
  const planar = <usize>s.working;
  memory.fill(planar, 0, <usize>s.channelBytes);
  // Going there and back makes everything B times as large.
  const scale = <f32>1 / <f32>s.size;
  for (let i: usize = 0, end = <usize>frames << 2; i < end; i += 4) store<f32>(planar + i, load<f32>(from + i) * scale);
  const chunks = s.size / CHUNK;
  for (let level = 0; level < s.levels - 2; level++) splitPass(level, s.size, planar, 0, chunks);
  const to = <usize>s.response + <usize>s.pitch * part + <usize>s.channelBytes * channel;
  splitLast(s.size, planar, to, 0, chunks);
}

/** Forgets all sound. Spectra of the past need not be cleared: `heard` says how many there are. */
export function clearStage(s: Stage): void {
  s.heard = 0;
  s.newest = 0;
  s.filled = 0;
  s.isReady = false;
  s.pass = passesOf(s);
  for (let c = 0; c < s.channels; c++) memory.fill(<usize>s.filling + <usize>s.channelBytes * c, 0, <usize>s.size << 2);
}

/** One tick on: takes its frames, of each channel at `fresh` (64, then the other channel's), and adds the next to `to`. */
export function tickStage(s: Stage, fresh: usize, to: usize): void {
  const half = <usize>s.size << 2;
  const at = <usize>s.filled << 2;
  for (let c = 0; c < s.channels; c++) {
    const from = fresh + <usize>c * TICK_BYTES;
    const channel = <usize>s.channelBytes * c;
    memory.copy(<usize>s.filling + channel + half + at, from, TICK_BYTES);
    memory.copy(<usize>s.next + channel + at, from, TICK_BYTES);
  }
  s.filled += TICK;
  if (s.filled == s.size) {
    if (s.heard > 0 && !s.atOnce) publish(s);
    turn(s);
  }
  work(s, s.share);
  if (s.atOnce) publish(s);
  if (!s.isReady) return;
  const out = <usize>s.ready + half + (<usize>s.filled << 2);
  for (let c = 0; c < s.channels; c++) {
    const from = out + <usize>s.channelBytes * c;
    const sum = to + <usize>c * TICK_BYTES;
    for (let i: usize = 0; i < TICK_BYTES; i += 16) v128.store(sum + i, f32x4.add(v128.load(sum + i), v128.load(from + i)));
  }
}

/** A block is full: its work begins, and the next is filled. */
function turn(s: Stage): void {
  const free = s.working;
  s.working = s.filling;
  s.filling = s.next;
  s.next = free;
  s.filled = 0;
  s.newest = s.newest == 0 ? s.parts - 1 : s.newest - 1;
  s.heard = min(s.heard + 1, s.parts);
  s.pass = 0;
  s.chunk = 0;
  s.ahead = 0;
}

/** What was worked out is put out from now on. */
function publish(s: Stage): void {
  const done = s.coming;
  s.coming = s.ready;
  s.ready = done;
  s.isReady = true;
}

// Passes of a block, in order: levels - 2 single ones and a double one there, the products, and the same back.

// @ts-ignore: decorator
@inline function passesOf(s: Stage): i32 {
  return 2 * s.levels - 1;
}

// @ts-ignore: decorator
@inline function chunksOf(s: Stage): i32 {
  return (s.size / CHUNK) * s.channels;
}

function costOf(s: Stage, pass: i32): i32 {
  const products = s.levels - 1;
  if (pass == products) return PART_COST * s.parts;
  return pass == products - 1 || pass == products + 1 ? END_COST : PASS_COST;
}

/** Goes on with the block in work by what `due` costs. */
function work(s: Stage, due: i32): void {
  const passes = passesOf(s);
  const chunks = chunksOf(s);
  due -= s.ahead;
  while (due > 0 && s.pass < passes) {
    const cost = costOf(s, s.pass);
    const end = min(chunks, s.chunk + (due + cost - 1) / cost);
    runPass(s, s.pass, s.chunk, end);
    due -= (end - s.chunk) * cost;
    s.chunk = end;
    if (end == chunks) {
      s.chunk = 0;
      s.pass++;
    }
  }
  s.ahead = -due;
}

/** Chunks `first` to `end` of a pass; those of the second channel follow those of the first. */
function runPass(s: Stage, pass: i32, first: i32, end: i32): void {
  const perChannel = s.size / CHUNK;
  const products = s.levels - 1;
  for (let c = 0; c < s.channels; c++) {
    const from = max(first - c * perChannel, 0);
    const to = min(end - c * perChannel, perChannel);
    if (from >= to) continue;
    const channel = <usize>s.channelBytes * c;
    const working = <usize>s.working + channel;
    const coming = <usize>s.coming + channel;
    const spectrum = <usize>s.spectra + <usize>s.pitch * s.newest + channel;
    if (pass < products - 1) splitPass(pass, s.size, working, from, to);
    else if (pass == products - 1) splitLast(s.size, working, spectrum, from, to);
    else if (pass == products) multiply(s, channel + <usize>from * CHUNK_BYTES, to - from);
    else if (pass == products + 1) joinFirst(s.size, <usize>s.sum + channel, coming, from, to);
    else joinPass(2 * products - pass, s.size, coming, from, to);
  }
}

/** The products of `chunks` chunks, which lie `skipped` bytes from the beginning of a spectrum. */
function multiply(s: Stage, skipped: usize, chunks: i32): void {
  const spectra = <usize>s.spectra + skipped;
  const response = <usize>s.response + skipped;
  addProducts(spectra, s.newest, s.parts, s.heard, response, <usize>s.pitch, <usize>s.sum + skipped, chunks);
}
