/**
 * Where the song is: for what is fed now, and for what arrives somewhere in the graph late.
 *
 *   clock          0 ──────────────────────────▶  frames run since the start, never back
 *   fed            a … │ b … │ c …                at each │ a jump
 *   L frames late      a … │ b … │ c …            the same jumps, L frames of the clock later
 *
 * What is told of the song besides its frame, whether it plays and what is looped, changes as the frame jumps: what is heard late
 * hears of it late. Nothing of this depends on how the stream is cut into blocks. [audio thread]
 */

/**
 * Jumps that are remembered. Loops of 10 ms are exact behind 10 s of latency; where more jumps than these are on their way, the
 * oldest are forgotten, and what is later still hears the oldest known in their place.
 */
const REMEMBERED: i32 = 1024;

@unmanaged
class Jump {
  clock: f64;
  /** The song's frame that is fed at that clock. */
  frame: f64;
  /** 1 or 0 */
  playing: f64;
  /** In frames of the song; both 0 where nothing is looped. */
  loopStart: f64;
  loopEnd: f64;
}

/** What a plugin is about to hear: the host reads it in a call of runPlugin. */
@unmanaged
class Heard {
  frame: f64;
  playing: f64;
  loopStart: f64;
  loopEnd: f64;
}

/** All that goes on over a change of plan; behind it the ring of jumps. */
@unmanaged
class Song {
  clock: f64;
  /** Index in the ring, and how many are known: one at least. */
  newest: i32;
  known: i32;
}

export const SONG_BYTES: usize = offsetof<Song>() + <usize>REMEMBERED * offsetof<Jump>();
export const songAt: usize = memory.data(<i32>SONG_BYTES, 8);
export const heardAt: usize = memory.data(<i32>offsetof<Heard>(), 8);

// @ts-ignore: decorator
@inline function song(): Song {
  return changetype<Song>(songAt);
}

// @ts-ignore: decorator
@inline function jumpAt(index: i32): Jump {
  return changetype<Jump>(songAt + offsetof<Song>() + <usize>(index & (REMEMBERED - 1)) * offsetof<Jump>());
}

/** Back to the first frame of the song, with nothing on its way. It plays unless it was told otherwise. */
export function restart(): void {
  const before = jumpAt(song().newest);
  const first = jumpAt(0);
  if (song().known == 0) before.playing = 1;
  song().clock = 0;
  song().newest = 0;
  song().known = 1;
  first.clock = 0;
  first.frame = 0;
  first.playing = before.playing;
  first.loopStart = before.loopStart;
  first.loopEnd = before.loopEnd;
}

/** The song goes on at `frame`. Before the first frame that is run nothing is on its way, and it begins there. */
export function jump(frame: f64): void {
  if (frame == fedFrame()) return;
  anew().frame = frame;
}

/** Told with what is fed from here on. */
export function setTransport(playing: f64, loopStart: f64, loopEnd: f64): void {
  const now = jumpAt(song().newest);
  if (now.playing == playing && now.loopStart == loopStart && now.loopEnd == loopEnd) return;
  const next = anew();
  next.playing = playing;
  next.loopStart = loopStart;
  next.loopEnd = loopEnd;
}

/** After a block. */
export function advance(frames: i32): void {
  song().clock += <f64>frames;
}

// @ts-ignore: decorator
@inline function fedFrame(): f64 {
  return frameAfter(jumpAt(song().newest), song().clock);
}

// @ts-ignore: decorator
@inline function frameAfter(jump: Jump, clock: f64): f64 {
  return jump.frame + (clock - jump.clock);
}

/** The jump at this clock: one that goes on as before it, or the one that is known already. */
function anew(): Jump {
  const before = jumpAt(song().newest);
  const clock = song().clock;
  if (before.clock == clock) return before;
  const next = jumpAt(song().newest + 1);
  next.frame = frameAfter(before, clock);
  next.clock = clock;
  next.playing = before.playing;
  next.loopStart = before.loopStart;
  next.loopEnd = before.loopEnd;
  song().newest = (song().newest + 1) & (REMEMBERED - 1);
  song().known = min(song().known + 1, REMEMBERED);
  return next;
}

/** Jumps that have not arrived yet where the song arrives `lateFrames` late, at frame `offset` of the block. */
export function jumpsOnTheWay(lateFrames: f64, offset: i32): i32 {
  const clock = song().clock + <f64>offset - lateFrames;
  const oldest = song().known - 1;
  let jumps = 0;
  while (jumps < oldest && jumpAt(song().newest - jumps).clock > clock) jumps++;
  return jumps;
}

/** The song's frame there and then. */
// @ts-ignore: decorator
@inline export function frameHeard(onTheWay: i32, lateFrames: f64, offset: i32): f64 {
  return frameAfter(jumpAt(song().newest - onTheWay), song().clock + <f64>offset - lateFrames);
}

/** The frame of the block at which the next of them arrives there; `frames` if none does. */
export function heardUntil(onTheWay: i32, lateFrames: f64, frames: i32): i32 {
  if (onTheWay == 0) return frames;
  return <i32>min<f64>(<f64>frames, jumpAt(song().newest - onTheWay + 1).clock + lateFrames - song().clock);
}

/** For the host, see Heard. */
export function tell(onTheWay: i32, frame: f64): void {
  const jump = jumpAt(song().newest - onTheWay);
  const heard = changetype<Heard>(heardAt);
  heard.frame = frame;
  heard.playing = jump.playing;
  heard.loopStart = jump.loopStart;
  heard.loopEnd = jump.loopEnd;
}
