/**
 * Writes a plan into the engine's memory: the steps, the records they work on, the lanes, the buffers.
 *
 * Offsets here mirror the @unmanaged classes in assembly/.
 */
import { type AutomationLane, CURVES, PAN_LAWS, type PluginShapes, paramIds } from "../description/graph.ts";
import type { Plan, PortBuffer, Slot, Step } from "./lowering.ts";

const OPCODES = { copy: 1, add: 2, downmix: 3, gain: 4, pan: 5, delay: 6, meter: 7, plugin: 8 } as const;
const STEP_WORDS = 8;
const POINT_BYTES = 24;
const LANE_BYTES = 24;
const GAIN_BYTES = 48;
const PAN_BYTES = 40;
const METER_BYTES = 32;
const DELAY_BYTES = 16;

/** A memory of 4 GiB, less what the allocator adds. */
const LARGEST_BYTES = 2 ** 32 - 2 ** 17;

/** What silence is for the engine's gains; assembly/gain.ts closes a fader there. */
export const SILENCE_DB: number = -144;

export interface EngineExports {
  readonly memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  load_plan(at: number, count: number, strideBytes: number, scratchAt: number, rampFrames: number): void;
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

/**
 * [control] All memory the plan will ever use is taken here. Buffers are 64 bytes longer than a block, for
 * kernels in whole vectors, and staggered so that neighbours do not share cache sets.
 */
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
  const stride = (((maxFrames + 3) & ~3) << 2) + 64 + 192;
  const bufferBytes = 2 * stride;
  const buffers = allocate((plan.bufferCount + 1) * bufferBytes);
  const channelAt = (buffer: number, channel: number) => buffers + buffer * bufferBytes + channel * stride;
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

  const emit = (...step: number[]) => words.push(...step, ...new Array(STEP_WORDS - step.length).fill(0));
  for (const step of plan.steps) {
    const opcode = OPCODES[step.op];
    switch (step.op) {
      case "copy":
      case "add":
        emit(opcode, step.channels, slotAt(step.to), slotAt(step.from));
        break;
      case "downmix":
        emit(opcode, 1, slotAt(step.to), slotAt(step.from));
        break;
      case "gain": {
        if (step.node.kind !== "gain" && step.node.kind !== "send") break;
        const lane = step.lane ? writeLanes([step.lane], step) : 0;
        const record = allocate(GAIN_BYTES);
        f64(record, 2).set([step.node.gainDb ?? SILENCE_DB, step.node.invert ? -1 : 1]);
        i32(record + 44, 1)[0] = lane;
        values.push({ id: step.node.id, param: "gainDb", at: record });
        emit(opcode, step.channels, slotAt(step.to), slotAt(step.from), record);
        break;
      }
      case "pan": {
        if (step.node.kind !== "pan") break;
        const lane = step.lane ? writeLanes([step.lane], step) : 0;
        const record = allocate(PAN_BYTES);
        f64(record, 1)[0] = step.node.pan;
        i32(record + 24, 3).set([PAN_LAWS.indexOf(step.node.law), 0, lane]);
        values.push({ id: step.node.id, param: "pan", at: record });
        emit(opcode, step.channels, slotAt(step.to), slotAt(step.from), record);
        break;
      }
      case "delay": {
        const rings = allocate(step.delayFrames * step.channels * 4);
        const record = allocate(DELAY_BYTES);
        i32(record, 4).set([step.delayFrames, 0, rings, step.channels]);
        emit(opcode, step.channels, slotAt(step.to), slotAt(step.from), record);
        break;
      }
      case "meter": {
        const record = allocate(METER_BYTES);
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
  const scratch = channelAt(plan.bufferCount, 0);
  engine.load_plan(program, words.length / STEP_WORDS, stride, scratch, rampFrames);
  return { values, meters, plugins, channelAt };
}
