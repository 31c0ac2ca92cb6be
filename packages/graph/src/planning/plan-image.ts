/**
 * A plan as the engine's memory will hold it: plain data, made on any thread, with addresses that are final.
 *
 *   0 … BASE         the engine's own
 *   BASE …           its room (plan-room.ts), zero to begin with
 *   contentAt …      the steps, the records they work on, lanes, tables
 *
 * Offsets here mirror the @unmanaged classes in assembly/.
 */
import { type AutomationLane, PAN_LAWS, type PluginShapes, paramIds } from "../description/graph.ts";
import { Arena } from "./arena.ts";
import { SILENCE_DB, writeLanes } from "./lane-image.ts";
import type { Onto, Plan, PortBuffer, Slot, Step } from "./plan.ts";
import { type PlanRoom, roomOf } from "./plan-room.ts";

const OPCODES: Readonly<Record<Step["op"], number>> = {
  clear: 0,
  copy: 1,
  add: 2,
  first: 3,
  downmix: 4,
  mix: 5,
  gain: 6,
  pan: 7,
  "line-write": 8,
  "line-read": 9,
  meter: 10,
  plugin: 11,
};
const ONTO: Readonly<Record<Onto, number>> = { copy: 0, first: 1, add: 2 };
const STEP_WORDS = 8;
const GAIN_BYTES = 48;
const PAN_BYTES = 40;
const METER_BYTES = 16;
const METER_CHANNEL_BYTES = 16;
const LINE_BYTES = 24;
const RAMP_SECONDS = 0.02;

/** Addresses in bytes. */
export interface PlanImage {
  readonly contentAt: number;
  readonly content: Uint8Array;
  readonly programAt: number;
  readonly steps: number;
  readonly strideBytes: number;
  readonly channelBytes: number;
  readonly rampFrames: number;
  readonly scratchAt: number;
  readonly silenceAt: number;
  readonly silentChannels: number;
  /** Table of the addresses of the channels that the host writes. */
  readonly inputTableAt: number;
  readonly inputChannels: number;
  /** Of the first channel of each buffer. */
  readonly bufferAt: readonly number[];
  /** What goes on over a change of plan: the records of gains, pans, meters and lines, by what they belong to. */
  readonly records: readonly RecordImage[];
  /** In the order in which the plan runs them. */
  readonly plugins: readonly PluginImage[];
}

export interface RecordImage {
  readonly kind: "gain" | "pan" | "meter" | "line";
  /** The node's id; of a line, the port's. */
  readonly key: string;
  readonly at: number;
  readonly bytes: number;
}

export interface PluginImage {
  readonly node: string;
  readonly paramsAt: number;
  /** Of each channel of each port, inputs then outputs. */
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
}

/** Throws a RangeError for a plan that no memory of WebAssembly can hold. */
export function layOut(plan: Plan, shapes: PluginShapes, sampleRateHz: number, maxFrames: number): PlanImage {
  return new Layout(plan, shapes, maxFrames).image(Math.max(1, Math.round(RAMP_SECONDS * sampleRateHz)));
}

class Layout {
  readonly #plan: Plan;
  readonly #shapes: PluginShapes;
  readonly #room: PlanRoom;
  readonly #arena: Arena;
  readonly #records: RecordImage[] = [];
  readonly #plugins: PluginImage[] = [];
  readonly #words: Int32Array;
  #written = 0;
  /** Addresses of the records of the plan's lines. */
  readonly #lines: readonly number[];

  constructor(plan: Plan, shapes: PluginShapes, maxFrames: number) {
    this.#plan = plan;
    this.#shapes = shapes;
    this.#words = new Int32Array(plan.steps.length * STEP_WORDS);
    this.#room = roomOf(plan, maxFrames);
    this.#arena = new Arena(this.#room.endAt);
    this.#lines = plan.lines.map(({ key, channels, delayFrames }, i) => {
      const frames = delayFrames + maxFrames;
      const at = this.#record("line", key, LINE_BYTES);
      this.#arena.i32(at, 6).set([frames, 0, this.#room.ringAt[i], channels, frames, 0]);
      return at;
    });
  }

  image(rampFrames: number): PlanImage {
    for (const step of this.#plan.steps) this.#write(step);
    const programAt = this.#table(this.#words);
    const inputs = [...this.#plan.inputs.values()].flatMap((port) => this.#channelsOf(port));
    const inputTableAt = this.#table(inputs);
    const { endAt, strideBytes, channelBytes, bufferAt } = this.#room;
    const { bufferWidths } = this.#plan;
    return {
      contentAt: endAt,
      content: this.#arena.bytes,
      programAt,
      steps: this.#words.length / STEP_WORDS,
      strideBytes,
      channelBytes,
      rampFrames,
      scratchAt: bufferAt[bufferWidths.length],
      silenceAt: bufferAt[0],
      silentChannels: bufferWidths[0],
      inputTableAt,
      inputChannels: inputs.length,
      bufferAt,
      records: this.#records,
      plugins: this.#plugins,
    };
  }

  #slot({ buffer, channel }: Slot): number {
    return this.#room.bufferAt[buffer] + channel * this.#room.strideBytes;
  }

  #channelsOf({ buffer, channels }: PortBuffer): number[] {
    return Array.from({ length: channels }, (_, channel) => this.#slot({ buffer, channel }));
  }

  #record(kind: RecordImage["kind"], key: string, bytes: number): number {
    const at = this.#arena.allocate(bytes);
    this.#records.push({ kind, key, at, bytes });
    return at;
  }

  #table(words: ArrayLike<number>): number {
    const at = this.#arena.allocate(Math.max(1, words.length) * 4);
    this.#arena.i32(at, words.length).set(words);
    return at;
  }

  /** Addresses above 2 GiB keep their bits. */
  #emit(opcode: number, channels: number, to: number, from = 0, record = 0, a = 0, b = 0, c = 0): void {
    const words = this.#words;
    const at = this.#written;
    words[at] = opcode;
    words[at + 1] = channels;
    words[at + 2] = to;
    words[at + 3] = from;
    words[at + 4] = record;
    words[at + 5] = a;
    words[at + 6] = b;
    words[at + 7] = c;
    this.#written += STEP_WORDS;
  }

  #write(step: Step): void {
    const opcode = OPCODES[step.op];
    switch (step.op) {
      case "clear":
        this.#emit(opcode, step.channels, this.#slot(step.to));
        return;
      case "copy":
      case "first":
      case "add":
        this.#emit(opcode, step.channels, this.#slot(step.to), this.#slot(step.from));
        return;
      case "downmix":
        this.#emit(opcode, 1, this.#slot(step.to), this.#slot(step.from));
        return;
      case "mix": {
        const first = step.onto === "first" ? 1 : 0;
        this.#emit(opcode, 1, this.#slot(step.to), this.#slot(step.from), 0, bitsOf(step.gain), first);
        return;
      }
      case "gain": {
        const lane = this.#lanes(step.lane ? [step.lane] : [], ["gainDb"], step.node.id);
        const record = this.#record("gain", step.node.id, GAIN_BYTES);
        this.#arena.f64(record, 2).set([step.node.gainDb ?? SILENCE_DB, step.node.invert ? -1 : 1]);
        this.#arena.i32(record + 44, 1)[0] = lane;
        this.#emit(opcode, step.channels, this.#slot(step.to), this.#slot(step.from), record);
        return;
      }
      case "pan": {
        const lane = this.#lanes(step.lane ? [step.lane] : [], ["pan"], step.node.id);
        const record = this.#record("pan", step.node.id, PAN_BYTES);
        this.#arena.f64(record, 1)[0] = step.node.pan;
        this.#arena.i32(record + 24, 3).set([PAN_LAWS.indexOf(step.node.law), 0, lane]);
        this.#emit(opcode, step.channels, this.#slot(step.to), this.#slot(step.from), record);
        return;
      }
      case "line-write":
        this.#emit(opcode, 0, 0, this.#slot(step.from), this.#lines[step.line]);
        return;
      case "line-read": {
        const { delayFrames, ahead, onto } = step;
        const line = this.#lines[step.line];
        this.#emit(opcode, 0, this.#slot(step.to), 0, line, delayFrames, ahead ? 1 : 0, ONTO[onto]);
        return;
      }
      case "meter": {
        const record = this.#record("meter", step.node.id, METER_BYTES + step.channels * METER_CHANNEL_BYTES);
        this.#arena.i32(record + 8, 1)[0] = step.channels;
        this.#emit(opcode, step.channels, 0, this.#slot(step.from), record);
        return;
      }
      case "plugin":
        this.#writePlugin(step);
        return;
    }
  }

  #writePlugin(step: Extract<Step, { op: "plugin" }>): void {
    const ids = paramIds(step.node, this.#shapes);
    const lanes = this.#lanes(step.lanes, ids, step.node.id);
    const inputs = step.inputs.map((port) => this.#channelsOf(port));
    const outputs = step.outputs.map((port) => this.#channelsOf(port));
    const channels = outputs.flat();
    const table = this.#table([...channels, inputs.flat().length, ...inputs.flat()]);
    const paramsAt = this.#arena.allocate((2 * ids.length + 1) * 8);
    this.#arena.f64(paramsAt, 2 * ids.length + 1)[2 * ids.length] = this.#lateFrames(step.node.id);
    this.#emit(
      OPCODES.plugin,
      channels.length,
      table,
      this.#plugins.length,
      paramsAt,
      lanes,
      step.lanes.length,
      ids.length,
    );
    this.#plugins.push({ node: step.node.id, paramsAt, inputs, outputs });
  }

  #lanes(lanes: readonly AutomationLane[], params: readonly string[], node: string): number {
    return writeLanes(this.#arena, lanes, params, this.#lateFrames(node));
  }

  /** How late the node hears the song. */
  #lateFrames(node: string): number {
    return this.#plan.inLatencyFrames.get(node) ?? 0;
  }
}

/** Of an f32, as the integer that has them. */
function bitsOf(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0];
}
