/** A plugin that passes its input and writes down, in a file, how it is called. For tests of hosts. */
import { appendFileSync } from "node:fs";
import { threadId } from "node:worker_threads";
import type { Block, Manifest, Plugin, ProcessSetup } from "@gainstage/plugin-api";

export const recordingManifest: Manifest = {
  api: "1.0",
  id: "org.gainstage.kit.recording",
  name: "Recording",
  vendor: "Host kit",
  version: "1.0.0",
  features: ["utility"],
  entry: { module: "entry.mjs" },
  inputs: [
    { id: "in", name: "Input", role: "main", layouts: ["stereo"] },
    { id: "key", name: "Key", role: "sidechain", layouts: ["stereo", "mono"] },
  ],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo"] }],
  params: [
    { id: "tag", name: "Tag", unit: "none", min: 0, max: 99, default: 0 },
    { id: "value", name: "Value", unit: "none", min: -1, max: 1, default: 0 },
    { id: "mode", name: "Mode", unit: "none", min: 0, max: 3, step: 1, default: 0 },
  ],
  meters: [{ id: "calls", name: "Calls", kind: "scalar", unit: "none", min: 0, max: 1e9 }],
};

export interface RecordedCall {
  readonly call: "activate" | "process" | "reset" | "dispose";
  /** Unique among all processors of the render. */
  readonly processor: string;
  /** activate: the setup. */
  readonly setup?: Omit<ProcessSetup, "params" | "state"> & { readonly params: readonly number[] };
  /** process: what was in the block. */
  readonly block?: {
    readonly frames: number;
    readonly params: readonly number[];
    /** [port][channel] lengths. */
    readonly inputs: readonly (readonly number[])[];
    readonly outputs: readonly (readonly number[])[];
    /** The loudest sample of each input port. */
    readonly peaks: readonly number[];
    readonly silentInputs: readonly number[];
    readonly silentOutputs: readonly number[];
    /** True if any two channels share their samples. */
    readonly aliased: boolean;
    /** True if it was called while a call was going on. */
    readonly reentered: boolean;
  };
}

let processors = 0;

export function recordingPlugin(file: string): Plugin {
  const write = (call: RecordedCall) => appendFileSync(file, `${JSON.stringify(call)}\n`);
  return {
    activate({ params, state: _, ...setup }) {
      const processor = `${process.pid}-${threadId}-${processors++}`;
      write({ call: "activate", processor, setup: { ...setup, params: [...params] } });
      let busy = false;
      let calls = 0;
      return {
        latencyFrames: 0,
        tailFrames: 0,
        reset: () => write({ call: "reset", processor }),
        process(block) {
          write({ call: "process", processor, block: { ...seen(block), reentered: busy } });
          busy = true;
          for (const [c, channel] of block.outputs[0].entries())
            channel.set(block.inputs[0][c].subarray(0, block.frames));
          block.meters[0] = ++calls;
          busy = false;
          return 0;
        },
        dispose: () => write({ call: "dispose", processor }),
      };
    },
  };
}

function seen(block: Block): Omit<NonNullable<RecordedCall["block"]>, "reentered"> {
  const lengths = (ports: Block["inputs"]) => ports.map((port) => port.map((channel) => channel.length));
  const channels = [...block.inputs, ...block.outputs].flat();
  const places = new Set(channels.map(({ byteOffset, buffer }) => `${bufferId(buffer)}:${byteOffset}`));
  return {
    frames: block.frames,
    params: [...block.params],
    inputs: lengths(block.inputs),
    outputs: lengths(block.outputs),
    peaks: block.inputs.map((port) =>
      Math.max(
        ...port.map((channel) =>
          channel.subarray(0, block.frames).reduce((m, x) => Math.max(m, Math.abs(x)), 0),
        ),
      ),
    ),
    silentInputs: [...block.silentInputs],
    silentOutputs: [...block.silentOutputs],
    aliased: places.size < channels.length,
  };
}

const bufferIds = new WeakMap<object, number>();
let buffers = 0;

function bufferId(buffer: object): number {
  const known = bufferIds.get(buffer);
  if (known !== undefined) return known;
  bufferIds.set(buffer, buffers);
  return buffers++;
}
