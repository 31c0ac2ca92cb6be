/** A plan: a flat list of steps over numbered buffers, as plain data. */
import type { AutomationLane, GainNode, MeterNode, PanNode, PluginNode } from "../description/graph.ts";

/** How a step writes its target: as it is, as the first of a sum (x + 0, so that no sum holds -0), or onto it. */
export type Onto = "copy" | "first" | "add";

/** `from` and `to` are one channel of a buffer each; a step with more channels goes on from there. Buffer 0 is silence. */
export type Step =
  | { readonly op: Onto; readonly channels: number; readonly to: Slot; readonly from: Slot }
  | { readonly op: "clear"; readonly channels: number; readonly to: Slot }
  /** One channel times a gain. */
  | {
      readonly op: "mix";
      readonly onto: Exclude<Onto, "copy">;
      readonly gain: number;
      readonly to: Slot;
      readonly from: Slot;
    }
  /** Half the sum of two channels. */
  | { readonly op: "downmix"; readonly to: Slot; readonly from: Slot }
  | {
      readonly op: "gain";
      readonly node: GainNode;
      readonly channels: number;
      readonly to: Slot;
      readonly from: Slot;
      readonly lane: AutomationLane | undefined;
    }
  | {
      readonly op: "pan";
      readonly node: PanNode;
      readonly channels: number;
      readonly to: Slot;
      readonly from: Slot;
      readonly lane: AutomationLane | undefined;
    }
  /** The block into a delay line. */
  | { readonly op: "line-write"; readonly line: number; readonly from: Slot }
  /** And out of it, `delayFrames` late; `ahead` if the line gets this block's frames only after this step. */
  | {
      readonly op: "line-read";
      readonly line: number;
      readonly delayFrames: number;
      readonly ahead: boolean;
      readonly onto: Onto;
      readonly to: Slot;
    }
  | { readonly op: "meter"; readonly node: MeterNode; readonly channels: number; readonly from: Slot }
  | {
      readonly op: "plugin";
      readonly node: PluginNode;
      readonly inputs: readonly PortBuffer[];
      readonly outputs: readonly PortBuffer[];
      readonly lanes: readonly AutomationLane[];
    };

export interface Slot {
  readonly buffer: number;
  readonly channel: number;
}

export interface PortBuffer {
  readonly buffer: number;
  readonly channels: number;
}

/** What an output port put out lately, for all who read it late. */
export interface DelayLine {
  /** Of the port whose past it is, "node:port", or of a delay node. */
  readonly key: string;
  readonly channels: number;
  /** The longest delay that is read from it. */
  readonly delayFrames: number;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Channels of each buffer. */
  readonly bufferWidths: readonly number[];
  readonly lines: readonly DelayLine[];
  /** By the id of an input or output node. */
  readonly inputs: ReadonlyMap<string, PortBuffer>;
  readonly outputs: ReadonlyMap<string, PortBuffer>;
  readonly inLatencyFrames: ReadonlyMap<string, number>;
  readonly latencyFrames: number;
  /** No run of the steps may be longer than this: what is fed back has to be there already. */
  readonly longestRunFrames: number;
}
