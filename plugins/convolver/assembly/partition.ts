/**
 * The whole convolution: a direct head of 64 taps, then stages whose parts grow with their distance.
 *
 *   x ─┬─▶ 64 taps, direct ──────────────▶ Σ ─▶ y        response: │head│64 64 …│256 256 …│1024 …│4096 …│16384 … │
 *      ├─▶ stage of 64, at once ─────────▶ ▲
 *      └─▶ stages of 256 to 16384, spread ▶┘
 *
 * A stage of size B may begin 2B frames into the response and the one before it has to reach that far: W. G. Gardner, JAES
 * 43(3), 1995. Which sizes are used is what costs least in all: G. García, "Optimal filter partition for efficient
 * convolution with short input/output delay", AES 113th Convention, 2002; with five sizes to choose from, all choices are
 * tried.
 *
 * The head is causal frame by frame, so there is no latency. All the rest runs in ticks of 64 frames, counted from the
 * first sound: how the stream is cut cannot change a bit.
 */
import { takeRoomy } from "./memory";
import { Response } from "./response";
import { clearStage, openStage, setPart, Stage, STAGE_BYTES, TICK, TICK_BYTES, tickStage } from "./stage";

/** Sizes that may follow the first: 64 · 4, 64 · 16 … */
const LARGER_SIZES: i32 = 4;
/** Nanoseconds a frame, of two channels: of a stage for each of its passes, and of each part. */
const PASS_NS: f64 = 1.5;
const PART_NS: f64 = 0.7;

@unmanaged
export class Convolution {
  channels: i32;
  /** f32 taps of the head, 64 a channel. */
  taps: u32;
  /** A channel after the other: the tick before, then the tick itself; a vector to spare after each. */
  recent: u32;
  /** What the stages give for the tick to come, and a tick's input as they take it: 64 frames a channel. */
  late: u32;
  fresh: u32;
  stages: u32;
  stageCount: i32;
}

/** Frames that the direct head works on at a time, if there are so many. */
const WIDE: i32 = 16;
const RECENT_BYTES: usize = 2 * TICK_BYTES + 64;
const LATE_BYTES: usize = 2 * TICK_BYTES + 64;

// @ts-ignore: decorator
@inline function stageAt(v: Convolution, index: i32): Stage {
  return changetype<Stage>(<usize>v.stages + <usize>index * STAGE_BYTES);
}

/** Opens a convolution with a response, which it does not need afterwards, chained to `*owner`. [control] */
export function openConvolution(v: Convolution, owner: usize, r: Response): void {
  const frames = r.frames;
  const channels = r.channels;
  v.channels = channels;
  v.taps = <u32>takeRoomy(owner, TICK_BYTES * 2);
  v.recent = <u32>takeRoomy(owner, RECENT_BYTES * 2);
  v.late = <u32>takeRoomy(owner, LATE_BYTES);
  v.fresh = <u32>takeRoomy(owner, TICK_BYTES * 2);
  v.stages = <u32>takeRoomy(owner, STAGE_BYTES * (LARGER_SIZES + 1));
  for (let c = 0; c < channels; c++) {
    memory.copy(<usize>v.taps + TICK_BYTES * c, channelOf(r, c), <usize>min(frames, TICK) << 2);
  }
  const choice = cheapestChoice(frames);
  v.stageCount = 0;
  let from = TICK;
  for (let k = 0; k <= LARGER_SIZES && from < frames; k++) {
    if (k > 0 && !(choice & (1 << k))) continue;
    const size = TICK << (2 * k);
    const until = endOf(choice, k, frames);
    const s = stageAt(v, v.stageCount++);
    openStage(s, owner, size, (until - from + size - 1) / size, channels);
    for (let part = 0; part < s.parts; part++) {
      const at = from + part * size;
      for (let c = 0; c < channels; c++) {
        setPart(s, part, c, channelOf(r, c) + (<usize>at << 2), min(size, until - at));
      }
    }
    from = until;
  }
}

// @ts-ignore: decorator
@inline function channelOf(r: Response, channel: i32): usize {
  return channel == 0 ? <usize>r.left : <usize>r.right;
}

/** Where stage k ends: where the next that is chosen begins. */
function endOf(choice: i32, k: i32, frames: i32): i32 {
  for (let next = k + 1; next <= LARGER_SIZES; next++) {
    if (choice & (1 << next)) return min(frames, 2 * TICK << (2 * next));
  }
  return frames;
}

/** Bit k is set for every size 64 · 4^k that is used, so that a response of `frames` costs least. */
function cheapestChoice(frames: i32): i32 {
  let cheapest = Infinity;
  let best = 1;
  for (let choice = 1; choice < 1 << (LARGER_SIZES + 1); choice += 2) {
    let cost: f64 = 0;
    let from = TICK;
    for (let k = 0; k <= LARGER_SIZES && from < frames; k++) {
      if (!(choice & (1 << k))) continue;
      const size = TICK << (2 * k);
      const until = endOf(choice, k, frames);
      cost += PASS_NS * 2 * (k + 3) + PART_NS * Math.ceil(<f64>(until - from) / size);
      from = until;
    }
    if (cost < cheapest) {
      cheapest = cost;
      best = choice;
    }
  }
  return best;
}

/** Forgets all sound; at most some 200 KB are written. */
export function clearConvolution(v: Convolution): void {
  memory.fill(<usize>v.recent, 0, RECENT_BYTES * 2);
  memory.fill(<usize>v.late, 0, TICK_BYTES * 2);
  for (let k = 0; k < v.stageCount; k++) clearStage(stageAt(v, k));
}

/** Where frame `phase` of the tick goes, before wetFrames() is asked for it. */
// @ts-ignore: decorator
@inline export function inputAt(v: Convolution, channel: i32, phase: i32): usize {
  return <usize>v.recent + RECENT_BYTES * channel + TICK_BYTES + (<usize>phase << 2);
}

/** Writes frames `phase` to `phase + frames` of the tick to `to`, which has room for whole vectors. */
export function wetFrames(v: Convolution, channel: i32, phase: i32, frames: i32, to: usize): void {
  const taps = <usize>v.taps + TICK_BYTES * channel;
  let x = inputAt(v, channel, phase);
  let late = <usize>v.late + TICK_BYTES * channel + (<usize>phase << 2);
  let left = frames;
  // Every lane adds up in the same order, so it does not matter which of the two loops a frame falls into.
  for (; left >= WIDE; left -= WIDE, x += 64, late += 64, to += 64) {
    let y0 = f32x4.splat(0), y1 = y0, y2 = y0, y3 = y0;
    for (let k: usize = 0; k < TICK_BYTES; k += 4) {
      const h = v128.load32_splat(taps + k);
      y0 = f32x4.add(y0, f32x4.mul(h, v128.load(x - k)));
      y1 = f32x4.add(y1, f32x4.mul(h, v128.load(x - k, 16)));
      y2 = f32x4.add(y2, f32x4.mul(h, v128.load(x - k, 32)));
      y3 = f32x4.add(y3, f32x4.mul(h, v128.load(x - k, 48)));
    }
    v128.store(to, f32x4.add(y0, v128.load(late)));
    v128.store(to, f32x4.add(y1, v128.load(late, 16)), 16);
    v128.store(to, f32x4.add(y2, v128.load(late, 32)), 32);
    v128.store(to, f32x4.add(y3, v128.load(late, 48)), 48);
  }
  for (; left > 0; left -= 4, x += 16, late += 16, to += 16) {
    let y = f32x4.splat(0);
    for (let k: usize = 0; k < TICK_BYTES; k += 4) {
      y = f32x4.add(y, f32x4.mul(v128.load32_splat(taps + k), v128.load(x - k)));
    }
    v128.store(to, f32x4.add(y, v128.load(late)));
  }
}

/** The tick's 64 frames are all there: on to the next. */
export function tick(v: Convolution): void {
  const late = <usize>v.late;
  memory.fill(late, 0, TICK_BYTES * 2);
  const fresh = <usize>v.fresh;
  for (let c = 0; c < v.channels; c++) memory.copy(fresh + TICK_BYTES * c, inputAt(v, c, 0), TICK_BYTES);
  for (let k = 0; k < v.stageCount; k++) tickStage(stageAt(v, k), fresh, late);
  for (let c = 0; c < v.channels; c++) memory.copy(inputAt(v, c, -TICK), inputAt(v, c, 0), TICK_BYTES);
}
