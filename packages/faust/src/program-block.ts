/**
 * What the adapter reads of a program, as bytes: the TypeScript side of assembly/program.ts. The block is put at PROGRAM_AT
 * of the module's memory, where Faust's code brought its description.
 *
 *   Program, 56 bytes │ Param × paramCount │ Meter × meterCount │ f64 of choices
 */

export const PROGRAM_AT = 16;
/** --memoryBase of the adapter. */
const PROGRAM_END = 65_536;
const PROGRAM_BYTES = 56;
const PARAM_BYTES = 16;
const METER_BYTES = 16;
const ENDLESS = 0xffffffff;

/** How long a program rings and remembers, in frames at 48 kHz; Infinity for ever. */
export interface Timing {
  readonly tailFrames: number;
  readonly restFrames: number;
  /** The two are added: frames at any rate, and seconds. */
  readonly latencyFrames: number;
  readonly latencySeconds: number;
}

export interface ProgramBlock {
  readonly double: boolean;
  readonly dspBytes: number;
  readonly mainChannels: number;
  readonly sidechainChannels: number;
  /** Where each value lies in an instance; `choices` are the program's values for the indices of an enumeration. */
  readonly params: readonly { readonly offset: number; readonly choices?: readonly number[] }[];
  readonly meters: readonly {
    readonly offset: number;
    readonly lowest: boolean;
    readonly min: number;
    readonly max: number;
  }[];
  readonly timing: Timing;
}

/** Throws a RangeError for a program of more parameters than there is room for, which is some thousands. */
export function programBytes(block: ProgramBlock): Uint8Array {
  const { params, meters, timing } = block;
  const paramsAt = PROGRAM_AT + PROGRAM_BYTES;
  const metersAt = paramsAt + PARAM_BYTES * params.length;
  const choicesAt = metersAt + METER_BYTES * meters.length;
  const end = choicesAt + 8 * params.reduce((sum, { choices = [] }) => sum + choices.length, 0);
  if (end > PROGRAM_END) throw new RangeError(`${params.length} parameters are more than there is room for`);
  const view = new DataView(new ArrayBuffer(end - PROGRAM_AT));
  const word = (at: number, value: number) => view.setUint32(at - PROGRAM_AT, value, true);
  const frames = (value: number) => (value === Number.POSITIVE_INFINITY ? ENDLESS : value);
  const head = [
    block.double ? 1 : 0,
    block.dspBytes,
    block.mainChannels,
    block.sidechainChannels,
    params.length,
    paramsAt,
    meters.length,
    metersAt,
    frames(timing.tailFrames),
    frames(timing.restFrames),
    timing.latencyFrames,
  ];
  for (const [i, value] of head.entries()) word(PROGRAM_AT + 4 * i, value);
  view.setFloat64(48, timing.latencySeconds, true);
  let nextChoice = choicesAt;
  for (const [i, { offset, choices = [] }] of params.entries()) {
    const at = paramsAt + PARAM_BYTES * i;
    word(at, offset);
    word(at + 4, choices.length);
    word(at + 8, nextChoice);
    for (const value of choices) {
      view.setFloat64(nextChoice - PROGRAM_AT, value, true);
      nextChoice += 8;
    }
  }
  for (const [i, { offset, lowest, min, max }] of meters.entries()) {
    const at = metersAt + METER_BYTES * i;
    word(at, offset);
    word(at + 4, lowest ? 1 : 0);
    view.setFloat32(at + 8 - PROGRAM_AT, min, true);
    view.setFloat32(at + 12 - PROGRAM_AT, max, true);
  }
  return new Uint8Array(view.buffer);
}
