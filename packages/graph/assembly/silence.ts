/**
 * Which channels hold nothing but +0: a flag in the four bytes before a channel's first frame. A channel with the flag is
 * zero in all of its length, so that steps may pass it over and whoever reads it reads what they would have written.
 * -0 counts as sound. [audio thread]
 */

/** Frames of a channel, and what loops in whole vectors may touch behind them, in bytes. */
let channelBytes: usize = 0;
/** False while it is to be proved that passing over changes no bit. */
let passesOver: bool = true;

export function setChannelBytes(bytes: usize): void {
  channelBytes = bytes;
}

export function setPassesOver(does: bool): void {
  passesOver = does;
}

// @ts-ignore: decorator
@inline export function isHushed(channel: usize): bool {
  return load<u32>(channel - 4) != 0 && passesOver;
}

export function allHushed(first: usize, channels: i32, stride: usize): bool {
  for (let c = 0; c < channels; c++, first += stride) if (!isHushed(first)) return false;
  return true;
}

export function hush(channel: usize): void {
  if (load<u32>(channel - 4) != 0) return;
  memory.fill(channel, 0, channelBytes);
  store<u32>(channel - 4, 1);
}

/** The channel has been or will be written. */
// @ts-ignore: decorator
@inline export function unhush(channel: usize): void {
  store<u32>(channel - 4, 0);
}

/** True if every frame is zero, +0 and not -0. Ends at the first that is not, so what sounds costs next to nothing. */
export function allZero(from: usize, frames: i32): bool {
  const whole = from + ((<usize>frames & ~3) << 2);
  const end = from + (<usize>frames << 2);
  for (; from < whole; from += 16) if (v128.any_true(v128.load(from))) return false;
  for (; from < end; from += 4) if (load<u32>(from) != 0) return false;
  return true;
}

/** Flags a channel that the host has written. */
export function look(channel: usize, frames: i32): void {
  if (!allZero(channel, frames)) unhush(channel);
  else hush(channel);
}
