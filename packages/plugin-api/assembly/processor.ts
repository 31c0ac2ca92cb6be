/**
 * The AssemblyScript side of the wasm ABI 1.0 (docs/wasm-abi.md): the record that the host and a processor share.
 *
 * An effect calls newProcessor() in its `create` export, attachState() in `activate`, and reads channel addresses
 * and parameters through the record in `process`. All of it is plain memory: nothing here allocates on the
 * audio thread.
 */
import { giveBack, take } from "./arena";

export { take } from "./arena";

/** major << 16 | minor */
export const API_VERSION: i32 = 0x10000;

/** What process() returns for a tail that never ends. */
export const NEVER_SILENT: i32 = -1;

const CONNECTED: u32 = 0x10000;

/** The first eleven words are the ABI; the rest is this library's own. */
@unmanaged
export class Processor {
  latencyFrames: u32;
  tailFrames: u32;
  /** f64 per parameter, written by the host. */
  params: u32;
  /** u32 per port, inputs first: channels | connected << 16, written by the host before activate. */
  ports: u32;
  /** Address of each input channel, port after port. */
  inputs: u32;
  outputs: u32;
  /** f32 per meter. */
  meters: u32;
  /** u32 per port, inputs first: bit c set where channel c is silent. 0 until wantSilence(). */
  silence: u32;
  /** See Transport. 0 until wantTransport(). */
  transport: u32;
  /** u32 per extension that the manifest requires or uses: the address of its area. 0 where there is none. */
  areas: u32;
  /** 0 realtime, 1 offline. Never for the sound. */
  mode: u32;

  /** The effect's own state, taken by attachState(). */
  state: u32;
  maxFrames: u32;
  inputPorts: u32;
  outputPorts: u32;
  /** Chain of regions that live as long as the processor. */
  ownRegions: u32;
  /** Chain of regions that live until the next activate(). */
  activeRegions: u32;
  /** What roomFor() gave last, and its size. */
  roomAt: u32;
  roomBytes: u32;
}

/** The musical clock, written by the host before each process(). The beat is a quarter note. */
@unmanaged
export class Transport {
  /** TRANSPORT_PLAYING | TRANSPORT_PRESENT; without the latter nothing else here holds. */
  flags: u32;
  numerator: u32;
  denominator: u32;
  reserved: u32;
  /** The song's frame of the block's first frame. */
  frame: f64;
  tempoBpm: f64;
  /** Where the tempo changed last: the beat at frame f is anchorBeat + (f - anchorFrame) * tempoBpm / (60 * rate). */
  anchorFrame: f64;
  anchorBeat: f64;
  loopStartBeat: f64;
  loopEndBeat: f64;
}

export const TRANSPORT_PLAYING: u32 = 1;
export const TRANSPORT_PRESENT: u32 = 2;

/** A processor before activation: room for parameters, ports and meters. [control] */
export function newProcessor(params: i32, inputPorts: i32, outputPorts: i32, meters: i32): Processor {
  const chain = memory.data(4, 16);
  store<u32>(chain, 0);
  const ports = inputPorts + outputPorts;
  const p = changetype<Processor>(take(chain, offsetof<Processor>()));
  p.ownRegions = load<u32>(chain);
  const owner = changetype<usize>(p) + offsetof<Processor>("ownRegions");
  p.params = <u32>take(owner, <usize>params << 3);
  p.ports = <u32>take(owner, <usize>ports << 2);
  p.meters = <u32>take(owner, <usize>meters << 2);
  p.inputPorts = inputPorts;
  p.outputPorts = outputPorts;
  return p;
}

/** Asks for the transport: p.transport leads to it from now on. In `create`. [control] */
export function wantTransport(p: Processor): void {
  const owner = changetype<usize>(p) + offsetof<Processor>("ownRegions");
  p.transport = <u32>take(owner, offsetof<Transport>());
}

/** Asks for the words of silent channels, one a port. In `create`. [control] */
export function wantSilence(p: Processor): void {
  const owner = changetype<usize>(p) + offsetof<Processor>("ownRegions");
  p.silence = <u32>take(owner, <usize>(p.inputPorts + p.outputPorts) << 2);
}

/** A zeroed region that lives as long as the processor: saved state, resources. [control] */
export function takeOwn(p: Processor, bytes: usize): usize {
  return take(changetype<usize>(p) + offsetof<Processor>("ownRegions"), bytes);
}

/** The export `room` of extensions: bytes that the host fills and hands over in its very next call. [control] */
export function roomFor(p: Processor, bytes: i32): usize {
  if (<u32>bytes > p.roomBytes) {
    p.roomAt = <u32>takeOwn(p, bytes);
    p.roomBytes = <u32>bytes;
  }
  return <usize>p.roomAt;
}

/**
 * Channel buffers for every port and `stateBytes` of zeroed state; what an earlier activation took is given back.
 * Buffers have 16 bytes to spare, so that a kernel may work in whole vectors. [control]
 */
export function attachState(p: Processor, stateBytes: usize, maxFrames: i32): usize {
  const owner = changetype<usize>(p) + offsetof<Processor>("activeRegions");
  giveBack(owner);
  p.maxFrames = maxFrames;
  p.inputs = <u32>channelTable(owner, p.ports, p.inputPorts, maxFrames);
  p.outputs = <u32>channelTable(owner, p.ports + (p.inputPorts << 2), p.outputPorts, maxFrames);
  p.state = <u32>take(owner, stateBytes);
  return p.state;
}

/** A further zeroed region that lives until the next activation: delay lines, tables. [control] */
export function takeActive(p: Processor, bytes: usize): usize {
  return take(changetype<usize>(p) + offsetof<Processor>("activeRegions"), bytes);
}

function channelTable(owner: usize, ports: usize, count: u32, maxFrames: i32): usize {
  let channels: u32 = 0;
  for (let i: u32 = 0; i < count; i++) channels += load<u32>(ports + (<usize>i << 2)) & 0xffff;
  const table = take(owner, <usize>channels << 2);
  for (let c: u32 = 0; c < channels; c++) {
    store<u32>(table + (<usize>c << 2), <u32>take(owner, (<usize>maxFrames << 2) + 16));
  }
  return table;
}

/** Gives everything back. The address must not be used afterwards. [control] */
export function dropProcessor(p: Processor): void {
  giveBack(changetype<usize>(p) + offsetof<Processor>("activeRegions"));
  const chain = memory.data(4, 16);
  store<u32>(chain, p.ownRegions);
  giveBack(chain);
}

// @ts-ignore: decorator
@inline export function param(p: Processor, index: i32): f64 {
  return load<f64>(<usize>p.params + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline export function input(p: Processor, channel: i32): usize {
  return <usize>load<u32>(<usize>p.inputs + (<usize>channel << 2));
}

// @ts-ignore: decorator
@inline export function output(p: Processor, channel: i32): usize {
  return <usize>load<u32>(<usize>p.outputs + (<usize>channel << 2));
}

// @ts-ignore: decorator
@inline export function setMeter(p: Processor, index: i32, value: f32): void {
  store<f32>(<usize>p.meters + (<usize>index << 2), value);
}

/** Channels of a port; ports are counted through inputs, then outputs. */
// @ts-ignore: decorator
@inline export function channels(p: Processor, port: i32): i32 {
  return <i32>(load<u32>(<usize>p.ports + (<usize>port << 2)) & 0xffff);
}

// @ts-ignore: decorator
@inline export function connected(p: Processor, port: i32): bool {
  return (load<u32>(<usize>p.ports + (<usize>port << 2)) & CONNECTED) != 0;
}
