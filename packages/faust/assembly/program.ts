/**
 * What the adapter must know of a Faust program. src/program-block.ts writes it into the module's memory at PROGRAM when
 * the two are linked; both files describe the same bytes.
 */

/** asc leaves the memory below --memoryBase to us. */
export const PROGRAM_AT: usize = 16;

/** "for ever", of tailFrames and restFrames. */
export const ENDLESS: u32 = 0xffffffff;

@unmanaged
export class Program {
  /** 1 for a program compiled with -double: its samples and parameters are f64. */
  double: u32;
  /** The size of an instance. */
  dspBytes: u32;
  /** Of one instance; as many as its outputs. */
  mainChannels: u32;
  sidechainChannels: u32;
  paramCount: u32;
  /** Address of as many Param. */
  params: u32;
  meterCount: u32;
  /** Address of as many Meter. */
  meters: u32;
  /** The tail, and how long the program remembers its input, at 48 kHz or less. */
  tailFrames: u32;
  restFrames: u32;
  /** Frames of latency at every rate, and seconds that come on top. */
  latencyFrames: u32;
  reserved: u32;
  latencySeconds: f64;
}

@unmanaged
export class Param {
  /** Of the value, in an instance. */
  offset: u32;
  /** 0 for a plain value; else it is an index into the f64 at choices. */
  choiceCount: u32;
  choices: u32;
  reserved: u32;
}

@unmanaged
export class Meter {
  offset: u32;
  /** Of the two instances of a mono program, the lower reading counts: a gain change. Else the higher. */
  lowest: u32;
  min: f32;
  max: f32;
}

// @ts-ignore: decorator
@inline export function program(): Program {
  return changetype<Program>(PROGRAM_AT);
}

// @ts-ignore: decorator
@inline export function paramAt(index: u32): Param {
  return changetype<Param>(<usize>program().params + <usize>index * offsetof<Param>());
}

// @ts-ignore: decorator
@inline export function meterAt(index: u32): Meter {
  return changetype<Meter>(<usize>program().meters + <usize>index * offsetof<Meter>());
}
