/**
 * Pulse, the exhibit of plugin API 1.0: a tremolo in time with the song, of any shape, that a sidechain ducks.
 *
 *   in ─▶ delay (lookahead) ─▶ × (1 − depth · shape[beat]) ─▶ × (1 − duck · |key|) ─▶ out
 *
 * It uses every part of the ABI: transport, silence words, meters, a restart parameter that makes latency, state
 * (the shape: sixteen steps of a beat), a resource (the shape it starts with), a log and a curve.
 * Built once with asc 0.28.20: asc assembly/pulse.ts -o pulse.wasm -O3 --runtime stub --enable simd --noAssert --use abort=
 *   --disable mutable-globals --maximumMemory 1024
 */
import {
  attachState,
  channels,
  connected,
  dropProcessor,
  input,
  newProcessor,
  output,
  param,
  Processor,
  setMeter,
  take,
  takeActive,
  Transport,
  TRANSPORT_PRESENT,
  wantSilence,
  wantTransport,
} from "@gainstage/plugin-api/assembly/processor";

const DEPTH = 0;
const DUCK = 1;
const LOOKAHEAD_MS = 2;
const STEPS = 16;
const SHAPE_BYTES: i32 = STEPS << 2;

/** Lies behind the processor's record, for as long as it lives. */
@unmanaged
class Own {
  shape: u32;
  room: u32;
  roomBytes: u32;
  /** Of the log: ring, capacity, written, read. */
  log0: u32;
  log1: u32;
  log2: u32;
  log3: u32;
  /** The table of areas: one entry, log/1. */
  areas: u32;
}

@unmanaged
class State {
  sampleRateHz: f64;
  depth: f64;
  duck: f64;
  lookahead: i32;
  head: i32;
  ring0: u32;
  ring1: u32;
  silentFrames: i32;
}

/** One for each processor, found by its address: the library's own words end with these. */
const MAX_PROCESSORS = 64;
const owners = memory.data(MAX_PROCESSORS << 3, 8);

function ownOf(p: Processor): Own {
  let at = owners;
  while (load<u32>(at) != <u32>changetype<usize>(p)) at += 8;
  return changetype<Own>(<usize>load<u32>(at, 4));
}

export function api(): i32 {
  return 0x10000;
}

export function create(): usize {
  let slot: usize = 0;
  for (let i = 0; i < MAX_PROCESSORS && slot == 0; i++) {
    if (load<u32>(owners + (<usize>i << 3)) == 0) slot = owners + (<usize>i << 3);
  }
  if (slot == 0) return 0;
  const p = newProcessor(3, 2, 1, 1);
  wantTransport(p);
  wantSilence(p);
  const chain = changetype<usize>(p) + offsetof<Processor>("ownRegions");
  const own = changetype<Own>(take(chain, offsetof<Own>()));
  own.shape = <u32>take(chain, <usize>SHAPE_BYTES);
  own.log1 = 256;
  own.log0 = <u32>take(chain, <usize>own.log1);
  own.areas = <u32>take(chain, 8);
  // requires, then uses: log/1, resource/1
  store<u32>(<usize>own.areas, <u32>(changetype<usize>(own) + offsetof<Own>("log0")));
  p.areas = own.areas;
  store<u32>(slot, <u32>changetype<usize>(p));
  store<u32>(slot, <u32>changetype<usize>(own), 4);
  return changetype<usize>(p);
}

export function destroy(p: Processor): void {
  for (let i = 0; i < MAX_PROCESSORS; i++) {
    const at = owners + (<usize>i << 3);
    if (load<u32>(at) == <u32>changetype<usize>(p)) store<u32>(at, 0);
  }
  dropProcessor(p);
}

/** Room for what the host hands over; it lives as long as the processor, and is as large as was ever asked for. */
export function room(p: Processor, bytes: i32): usize {
  const own = ownOf(p);
  if (<u32>bytes > own.roomBytes) {
    own.room = <u32>take(changetype<usize>(p) + offsetof<Processor>("ownRegions"), bytes);
    own.roomBytes = <u32>bytes;
  }
  return <usize>own.room;
}

export function resource(p: Processor, index: i32, address: usize, bytes: i32): i32 {
  return index == 0 ? loadShape(p, address, bytes) : 1;
}

export { loadState as load };
function loadState(p: Processor, version: i32, address: usize, bytes: i32): i32 {
  // Version 1 had eight steps, each of which stands for two.
  if (version == 1) {
    if (bytes != STEPS << 1) return 0;
    const shape = <usize>ownOf(p).shape;
    for (let i: usize = 0; i < <usize>STEPS; i++) store<f32>(shape + (i << 2), load<f32>(address + ((i >> 1) << 2)));
    return 1;
  }
  return loadShape(p, address, bytes);
}

function loadShape(p: Processor, address: usize, bytes: i32): i32 {
  if (bytes != SHAPE_BYTES) return 0;
  for (let i: usize = 0; i < <usize>SHAPE_BYTES; i += 4) if (!(abs(load<f32>(address + i)) <= 1)) return 0;
  memory.copy(<usize>ownOf(p).shape, address, <usize>SHAPE_BYTES);
  return 1;
}

export function save(p: Processor): usize {
  const at = room(p, SHAPE_BYTES + 4);
  store<u32>(at, SHAPE_BYTES);
  memory.copy(at + 4, <usize>ownOf(p).shape, <usize>SHAPE_BYTES);
  return at;
}

/** The transfer of a tremolo is a straight line; there is no other curve. */
export function curve(p: Processor, kind: i32, points: i32, address: usize): i32 {
  if (kind != 1) return 0;
  const y = address + (<usize>points << 3);
  for (let i: usize = 0; i < <usize>points; i++) store<f64>(y + (i << 3), load<f64>(address + (i << 3)));
  return 1;
}

export function activate(p: Processor, sampleRateHz: f64, maxFrames: i32, seed: i32): i32 {
  const own = ownOf(p);
  const s = changetype<State>(attachState(p, offsetof<State>(), maxFrames));
  s.sampleRateHz = sampleRateHz;
  s.lookahead = <i32>Math.round(param(p, LOOKAHEAD_MS) * 0.001 * sampleRateHz);
  s.ring0 = <u32>takeActive(p, <usize>max(1, s.lookahead) << 2);
  s.ring1 = <u32>takeActive(p, <usize>max(1, s.lookahead) << 2);
  p.latencyFrames = s.lookahead;
  p.tailFrames = 0;
  reset(p);
  // "Iready\n", if anybody listens.
  if (load<u32>(<usize>own.areas) != 0) {
    const text: u64 = 0x0a796461657249;
    for (let i: u32 = 0; i < 7; i++) {
      store<u8>(<usize>own.log0 + <usize>((own.log2 + i) % own.log1), <u8>(text >> (i << 3)));
    }
    own.log2 += 7;
  }
  return 1;
}

export function reset(p: Processor): void {
  const s = changetype<State>(<usize>p.state);
  memory.fill(<usize>s.ring0, 0, <usize>s.lookahead << 2);
  memory.fill(<usize>s.ring1, 0, <usize>s.lookahead << 2);
  s.head = 0;
  s.depth = param(p, DEPTH);
  s.duck = param(p, DUCK);
  s.silentFrames = 0x3fffffff;
}

export function process(p: Processor, frames: i32): i32 {
  const s = changetype<State>(<usize>p.state);
  const t = changetype<Transport>(<usize>p.transport);
  const shape = <usize>ownOf(p).shape;
  const stereo = channels(p, 0) == 2;
  const keyed = connected(p, 1);
  const key = input(p, stereo ? 2 : 1);
  // One pole of 5 ms, per sample, for both parameters.
  const glide = 1 - Math.exp(-1 / (0.005 * s.sampleRateHz));
  let least: f64 = 1;
  for (let i: usize = 0; i < <usize>frames; i++) {
    s.depth += glide * (param(p, DEPTH) - s.depth);
    s.duck += glide * (param(p, DUCK) - s.duck);
    let gain: f64 = 1;
    if (t.flags & TRANSPORT_PRESENT) {
      const beat = t.anchorBeat + (t.frame + <f64>i - t.anchorFrame) * t.tempoBpm / (60 * s.sampleRateHz);
      const step = <usize>((beat - Math.floor(beat)) * STEPS) & (STEPS - 1);
      gain = 1 - s.depth * <f64>load<f32>(shape + (step << 2));
    }
    if (keyed) gain *= 1 - s.duck * min(1, <f64>abs(load<f32>(key + (i << 2))));
    least = min(least, gain);
    let left = load<f32>(input(p, 0) + (i << 2));
    let right = stereo ? load<f32>(input(p, 1) + (i << 2)) : left;
    s.silentFrames = left == 0 && right == 0 ? min(s.silentFrames + 1, 0x3fffffff) : 0;
    if (s.lookahead > 0) {
      const at = <usize>s.head << 2;
      const lateLeft = load<f32>(<usize>s.ring0 + at);
      const lateRight = load<f32>(<usize>s.ring1 + at);
      store<f32>(<usize>s.ring0 + at, left);
      store<f32>(<usize>s.ring1 + at, right);
      left = lateLeft;
      right = lateRight;
      if (++s.head == s.lookahead) s.head = 0;
    }
    store<f32>(output(p, 0) + (i << 2), <f32>(<f64>left * gain));
    if (stereo) store<f32>(output(p, 1) + (i << 2), <f32>(<f64>right * gain));
  }
  setMeter(p, 0, <f32>max<f64>(-60, 20 * Math.log10(max<f64>(0.001, least))));
  // The depth still moves, but nothing of it is heard once the line is empty; parameters settle as long as it runs.
  const left = s.lookahead - s.silentFrames;
  const settled = Math.round(s.sampleRateHz * 0.2);
  return max(max(0, left), <i32>max(0, settled - s.silentFrames));
}
