/**
 * Convolver: reverberation by convolution with the response of a space, without latency.
 *
 *   x ─┬─────────────────────────────────────────────────────────────▶ × dry ────────────────┐
 *      └─▶ crossfeed ─▶ pre-delay ─▶ convolution ─▶ low cut ─▶ high cut ─▶ width ─▶ × wet ─▶ + ─▶ y
 *
 * The convolution is partitioned: partition.ts and stage.ts. The response is worked out in activate(): one of eight spaces
 * (spaces.ts, late.ts, reflections.ts), or the user's own out of the state (own-response.ts). Left is convolved with left,
 * right with right.
 *
 * When the tail is over all is made as after reset(), at the end of a tick. Ticks are then counted from the next sound,
 * however long the silence was, and whether the host let the convolver sleep through it or not.
 */
import {
  API_VERSION, attachState, channels, dropProcessor, input, newProcessor, output, Processor, takeActive,
} from "@gainstage/plugin-api/assembly/processor";
import { prepareRoots } from "@gainstage/dsp/assembly/negacyclic-roots";
import { Controls, rampFrames, TABLE_BYTES } from "./controls";
import { FILTER_BYTES } from "./filters";
import { keepState, savedState, stateRoom } from "./own-response";
import { IN, LONGEST_PRE_DELAY_MS, OUT, PARAMS } from "./params";
import { Convolution, openConvolution } from "./partition";
import { newPreDelay } from "./pre-delay";
import { dropResponse, makeResponse, Response } from "./response";
import { TICK } from "./stage";
import { followAll, rest, settleAll, State } from "./state";
import { runFrames, SCRATCH_BYTES } from "./wet-path";

/** After this the filters have fallen by 180 dB: the lowest corner is at 20 Hz and falls by e every 11 ms. */
const FILTER_TAIL_MS: f64 = 250;

export function api(): i32 {
  return API_VERSION;
}

export function create(): usize {
  prepareRoots();
  return changetype<usize>(newProcessor(PARAMS, 1, 1, 0));
}

export function destroy(p: Processor): void {
  dropProcessor(p);
}

export function room(p: Processor, bytes: i32): usize {
  return stateRoom(p, bytes);
}

export function load(p: Processor, version: i32, address: usize, bytes: i32): i32 {
  return keepState(address, bytes) ? 1 : 0;
}

export function save(p: Processor): usize {
  return savedState(p);
}

export function activate(p: Processor, sampleRateHz: f64, maxFrames: i32, seed: i32): i32 {
  // Mono may become stereo; to make mono of stereo is the mixer's business.
  if (channels(p, IN) > channels(p, OUT)) return 0;
  const s = changetype<State>(attachState(p, offsetof<State>(), maxFrames));
  s.framesPerMs = sampleRateHz * 0.001;
  s.mono = channels(p, OUT) == 1;
  s.filters = <u32>takeActive(p, FILTER_BYTES);
  s.heard = <u32>takeActive(p, 2 * SCRATCH_BYTES);
  s.wet = <u32>takeActive(p, 2 * SCRATCH_BYTES);
  s.spare = <u32>takeActive(p, (<usize>maxFrames << 2) + 16);

  const c = changetype<Controls>(takeActive(p, offsetof<Controls>()));
  s.controls = <u32>changetype<usize>(c);
  c.sampleRateHz = sampleRateHz;
  c.now = <u32>takeActive(p, TABLE_BYTES);
  c.step = <u32>takeActive(p, TABLE_BYTES);
  c.goal = <u32>takeActive(p, TABLE_BYTES);
  c.known = <u32>takeActive(p, <usize>PARAMS << 3);
  c.length = rampFrames(sampleRateHz);
  c.mono = s.mono;

  const longest = <i32>Math.ceil(LONGEST_PRE_DELAY_MS * s.framesPerMs);
  s.preDelay = <u32>changetype<usize>(newPreDelay(p, longest, c.length));

  const convolution = changetype<Convolution>(takeActive(p, offsetof<Convolution>()));
  s.convolution = <u32>changetype<usize>(convolution);
  const response = changetype<Response>(takeActive(p, offsetof<Response>()));
  makeResponse(response, p, sampleRateHz, s.mono ? 1 : 2);
  const owner = changetype<usize>(p) + offsetof<Processor>("activeRegions");
  openConvolution(convolution, owner, response);

  const filterTail = <i32>Math.ceil(FILTER_TAIL_MS * s.framesPerMs);
  const tail = response.frames == 0 ? 0 : longest + response.frames - 1 + filterTail;
  s.restFrames = max(tail, TICK);
  p.latencyFrames = 0;
  p.tailFrames = <u32>tail;
  dropResponse(response);
  reset(p);
  return 1;
}

export function reset(p: Processor): void {
  rest(p, changetype<State>(<usize>p.state));
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  if (s.resting) settleAll(p, s);
  else followAll(p, s);
  const right = channels(p, IN) - 1;
  let x0 = input(p, 0);
  let x1 = input(p, right);
  let y0 = output(p, 0);
  let y1 = s.mono ? <usize>s.spare : output(p, 1);
  for (let left = frames; left > 0; ) {
    const run = runFrames(p, s, x0, x1, y0, y1, min(left, TICK - s.phase));
    const bytes = <usize>run << 2;
    x0 += bytes;
    x1 += bytes;
    y0 += bytes;
    y1 += bytes;
    left -= run;
  }
  return s.resting ? 0 : max(1, s.restFrames + TICK - s.silentFrames);
}
