/**
 * Delay: two lines that feed themselves or each other.
 *
 *   x ─┬───────────────────────────────────────────────▶ × dry ──────────┐
 *      ├─▶ peak ─▶ ducking ──────────────────────────────────────┐       ▼
 *      └─▶ + ─▶ lines L, R ─▶ T, swung by LFO ─┬─▶ width ─▶ × wet ÷ ─▶ + ─▶ y
 *          ▲                                   ▼
 *          └─ bounded ◀─ × feedback ◀─ L⇄R ◀─ high cut ◀─ low cut
 */
import {
  API_VERSION, attachState, channels, dropProcessor, input, newProcessor, output, param, Processor, takeActive,
  wantTransport,
} from "@gainstage/plugin-api/assembly/processor";
import { Controls, follow, RAMP_MS, settle, TABLE_BYTES } from "./controls";
import { DUCK_ATTACK_MS, DUCK_RELEASE_MS, rest, run, State } from "./echo";
import { prepareTable, REACH } from "./interpolation";
import { FADE_MS, Line, ringBytes, ringFrames } from "./line";
import { followRate, Oscillator } from "./oscillator";
import { DEEPEST_MS, IN, OUT, PARAMS, RATE_HZ } from "./params";
import { framesLeft } from "./tail";
import { LONGEST_MS, wantedFrames } from "./time";

/** At a feedback of 100 % the echoes never end, and a bound has to hold at any parameters. */
const ENDLESS: u32 = 0xffffffff;

export function api(): i32 {
  return API_VERSION;
}

export function create(): usize {
  const p = newProcessor(PARAMS, 1, 1, 0);
  wantTransport(p);
  prepareTable();
  return changetype<usize>(p);
}

export function destroy(p: Processor): void {
  dropProcessor(p);
}

export function activate(p: Processor, sampleRateHz: f64, maxFrames: i32, seed: i32): i32 {
  // Mono may become stereo, which is what ping-pong is for; to make mono of stereo is the mixer's business.
  if (channels(p, IN) > channels(p, OUT)) return 0;
  const s = changetype<State>(attachState(p, offsetof<State>(), maxFrames));
  s.filters = <u32>takeActive(p, 32);
  s.spare = <u32>takeActive(p, <usize>maxFrames << 2);
  s.attack = share(DUCK_ATTACK_MS, sampleRateHz);
  s.release = share(DUCK_RELEASE_MS, sampleRateHz);

  const c = changetype<Controls>(takeActive(p, offsetof<Controls>()));
  s.controls = <u32>changetype<usize>(c);
  c.sampleRateHz = sampleRateHz;
  c.now = <u32>takeActive(p, TABLE_BYTES);
  c.step = <u32>takeActive(p, TABLE_BYTES);
  c.goal = <u32>takeActive(p, TABLE_BYTES);
  c.known = <u32>takeActive(p, <usize>PARAMS << 3);
  c.length = framesOf(RAMP_MS, sampleRateHz);
  c.mono = channels(p, OUT) == 1;

  const oscillator = changetype<Oscillator>(takeActive(p, offsetof<Oscillator>()));
  s.oscillator = <u32>changetype<usize>(oscillator);
  oscillator.sampleRateHz = sampleRateHz;

  const line = changetype<Line>(takeActive(p, offsetof<Line>()));
  s.line = <u32>changetype<usize>(line);
  line.margin = 2 * (framesOf(DEEPEST_MS, sampleRateHz) + REACH + 1);
  const frames = ringFrames(framesOf(LONGEST_MS, sampleRateHz), line.margin);
  line.ring = <u32>takeActive(p, ringBytes(frames));
  line.mask = frames - 1;
  line.fadeLength = framesOf(FADE_MS, sampleRateHz);

  p.latencyFrames = 0;
  p.tailFrames = ENDLESS;
  reset(p);
  return 1;
}

function framesOf(ms: f64, sampleRateHz: f64): i32 {
  return max(1, <i32>Math.ceil(ms * 0.001 * sampleRateHz));
}

/** The share of its way that a one-pole goes in a frame to have come 63 % of it after `ms`. */
function share(ms: f64, sampleRateHz: f64): f64 {
  return 1 - Math.exp(-1 / (ms * 0.001 * sampleRateHz));
}

export function reset(p: Processor): void {
  const s = changetype<State>(<usize>p.state);
  s.starting = true;
  rest(s);
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  const c = changetype<Controls>(<usize>s.controls);
  if (s.starting) settle(c, p);
  else follow(c, p);
  s.starting = false;
  followRate(changetype<Oscillator>(<usize>s.oscillator), param(p, RATE_HZ));
  changetype<Line>(<usize>s.line).wanted = wantedFrames(p, c.sampleRateHz);

  // One channel runs as two that are alike; the second output of a mono plugin is heard by no one.
  const right = channels(p, IN) - 1;
  const toRight = channels(p, OUT) == 2 ? output(p, 1) : <usize>s.spare;
  run(s, frames, input(p, 0), input(p, right), output(p, 0), toRight);
  return framesLeft(s);
}
