/**
 * Writes a plan into the engine's memory: the steps, the records they work on, the lanes, the buffers.
 *
 * Offsets here mirror the @unmanaged classes in assembly/.
 */
import { type AutomationLane, CURVES, PAN_LAWS, type PluginShapes, paramIds } from "../description/graph.ts";
import type { Onto, Plan, PortBuffer, Slot, Step } from "./plan.ts";

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
const POINT_BYTES = 24;
const LANE_BYTES = 24;
const GAIN_BYTES = 48;
const PAN_BYTES = 40;
const METER_BYTES = 16;
const METER_CHANNEL_BYTES = 16;
const LINE_BYTES = 24;
/** What loops in whole vectors may touch behind a channel. */
const SPARE_BYTES = 64;
/** Between channels, so that neighbours do not share cache sets; a channel's flag lies in the last four (assembly/silence.ts). */
const STAGGER_BYTES = 192;

/** A memory of 4 GiB, less what the allocator adds. */
const LARGEST_BYTES = 2 ** 32 - 2 ** 17;

/** What silence is for the engine's gains; assembly/gain.ts closes a fader there. */
export const SILENCE_DB: number = -144;

export interface EngineExports {
  readonly memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  load_plan(
    at: number,
    count: number,
    strideBytes: number,
    channelBytes: number,
    scratchAt: number,
    rampFrames: number,
    silenceAt: number,
    silentChannels: number,
  ): void;
  load_inputs(at: number, count: number): void;
  pass_over(does: number): void;
  seek(frame: number): void;
  reset(): void;
  run(frames: number): void;
}

/** Where the control side finds what it may read or change while the plan runs. Addresses in bytes. */
export interface PlanImage {
  /** gainDb of gains and sends, pan of pans. */
  readonly values: readonly { readonly id: string; readonly param: string; readonly at: number }[];
  readonly meters: ReadonlyMap<string, number>;
  /** In the order in which the plan runs them. */
  readonly plugins: readonly PluginImage[];
  channelAt(buffer: number, channel: number): number;
}

export interface PluginImage {
  readonly step: Extract<Step, { op: "plugin" }>;
  readonly paramsAt: number;
}

/** [control] All memory the plan will ever use is taken here. */
export function writePlan(
  engine: EngineExports,
  plan: Plan,
  shapes: PluginShapes,
  sampleRateHz: number,
  maxFrames: number,
): PlanImage {
  const allocate = (bytes: number): number => {
    if (bytes > LARGEST_BYTES) {
      throw new RangeError(
        `the plan needs ${Math.ceil(bytes / 2 ** 20)} MiB at once, WebAssembly has 4096: take smaller blocks than ${maxFrames} frames`,
      );
    }
    // An address from 2 GiB on comes out of WebAssembly as a negative number.
    return engine.allocate(bytes) >>> 0;
  };
  const channelBytes = (((maxFrames + 3) & ~3) << 2) + SPARE_BYTES;
  const stride = channelBytes + STAGGER_BYTES;
  // The last buffer is scratch for two rows of gains.
  const widths = [...plan.bufferWidths, 2];
  const starts: number[] = [];
  let bytes = SPARE_BYTES;
  for (const width of widths) {
    starts.push(bytes);
    bytes += width * stride;
  }
  const buffers = allocate(bytes);
  const channelAt = (buffer: number, channel: number) => buffers + starts[buffer] + channel * stride;
  const slotAt = (slot: Slot) => channelAt(slot.buffer, slot.channel);

  const values: { id: string; param: string; at: number }[] = [];
  const meters = new Map<string, number>();
  const plugins: PluginImage[] = [];
  const words: number[] = [];
  // Every allocation may move the memory, so views are made where they are used.
  const f64 = (at: number, count: number) => new Float64Array(engine.memory.buffer, at, count);
  const i32 = (at: number, count: number) => new Int32Array(engine.memory.buffer, at, count);

  const writeLanes = (lanes: readonly AutomationLane[], step: Step): number => {
    if (lanes.length === 0 || !("node" in step)) return 0;
    const at = allocate(lanes.length * LANE_BYTES);
    lanes.forEach((lane, k) => {
      const points = allocate(lane.points.length * POINT_BYTES);
      const numbers = f64(points, (lane.points.length * POINT_BYTES) / 8);
      const words = i32(points, (lane.points.length * POINT_BYTES) / 4);
      lane.points.forEach((point, i) => {
        numbers[(i * POINT_BYTES) / 8] = point.frame;
        numbers[(i * POINT_BYTES) / 8 + 1] = point.value ?? SILENCE_DB;
        words[(i * POINT_BYTES) / 4 + 4] = CURVES.indexOf(point.curve);
      });
      f64(at + k * LANE_BYTES, 1)[0] = plan.inLatencyFrames.get(lane.node) ?? 0;
      const param = paramIds(step.node, shapes).indexOf(lane.param);
      i32(at + k * LANE_BYTES + 8, 4).set([points, lane.points.length, 0, param]);
    });
    return at;
  };

  const lines = plan.lines.map(({ channels, delayFrames }) => {
    const frames = delayFrames + maxFrames;
    const rings = allocate(frames * channels * 4);
    const record = allocate(LINE_BYTES);
    i32(record, 6).set([frames, 0, rings, channels, frames, 0]);
    return record;
  });

  const emit = (...step: number[]) => words.push(...step, ...new Array(STEP_WORDS - step.length).fill(0));
  for (const step of plan.steps) {
    const opcode = OPCODES[step.op];
    switch (step.op) {
      case "clear":
        emit(opcode, step.channels, slotAt(step.to));
        break;
      case "copy":
      case "first":
      case "add":
        emit(opcode, step.channels, slotAt(step.to), slotAt(step.from));
        break;
      case "downmix":
        emit(opcode, 1, slotAt(step.to), slotAt(step.from));
        break;
      case "mix": {
        const first = step.onto === "first" ? 1 : 0;
        emit(opcode, 1, slotAt(step.to), slotAt(step.from), 0, bitsOf(step.gain), first);
        break;
      }
      case "gain": {
        const lane = step.lane ? writeLanes([step.lane], step) : 0;
        const record = allocate(GAIN_BYTES);
        f64(record, 2).set([step.node.gainDb ?? SILENCE_DB, step.node.invert ? -1 : 1]);
        i32(record + 44, 1)[0] = lane;
        values.push({ id: step.node.id, param: "gainDb", at: record });
        emit(opcode, step.channels, slotAt(step.to), slotAt(step.from), record);
        break;
      }
      case "pan": {
        const lane = step.lane ? writeLanes([step.lane], step) : 0;
        const record = allocate(PAN_BYTES);
        f64(record, 1)[0] = step.node.pan;
        i32(record + 24, 3).set([PAN_LAWS.indexOf(step.node.law), 0, lane]);
        values.push({ id: step.node.id, param: "pan", at: record });
        emit(opcode, step.channels, slotAt(step.to), slotAt(step.from), record);
        break;
      }
      case "line-write":
        emit(opcode, 0, 0, slotAt(step.from), lines[step.line]);
        break;
      case "line-read": {
        const { delayFrames, ahead, onto } = step;
        emit(opcode, 0, slotAt(step.to), 0, lines[step.line], delayFrames, ahead ? 1 : 0, ONTO[onto]);
        break;
      }
      case "meter": {
        const record = allocate(METER_BYTES + step.channels * METER_CHANNEL_BYTES);
        i32(record + 8, 1)[0] = step.channels;
        meters.set(step.node.id, record);
        emit(opcode, step.channels, 0, slotAt(step.from), record);
        break;
      }
      case "plugin": {
        const lanes = writeLanes(step.lanes, step);
        const addresses = (ports: readonly PortBuffer[]) =>
          ports.flatMap(({ buffer, channels }) =>
            Array.from({ length: channels }, (_, c) => channelAt(buffer, c)),
          );
        const channels = addresses(step.outputs);
        const inputs = addresses(step.inputs);
        const words = [...channels, inputs.length, ...inputs];
        const table = allocate(words.length * 4);
        i32(table, words.length).set(words);
        const paramsAt = allocate(Math.max(1, paramIds(step.node, shapes).length) * 8);
        emit(opcode, channels.length, table, plugins.length, paramsAt, lanes, step.lanes.length);
        plugins.push({ step, paramsAt });
        break;
      }
    }
  }
  const program = allocate(Math.max(1, words.length) * 4);
  i32(program, words.length).set(words);
  const rampFrames = Math.max(1, Math.round(0.02 * sampleRateHz));
  const scratch = channelAt(plan.bufferWidths.length, 0);
  const [silent] = plan.bufferWidths;
  engine.load_plan(
    program,
    words.length / STEP_WORDS,
    stride,
    channelBytes,
    scratch,
    rampFrames,
    channelAt(0, 0),
    silent,
  );
  const written = [...plan.inputs.values()].flatMap(({ buffer, channels }) =>
    Array.from({ length: channels }, (_, c) => channelAt(buffer, c)),
  );
  const table = allocate(Math.max(1, written.length) * 4);
  i32(table, written.length).set(written);
  engine.load_inputs(table, written.length);
  return { values, meters, plugins, channelAt };
}

/** Of an f32, as the integer that has them. */
function bitsOf(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0];
}
