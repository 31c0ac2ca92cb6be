/** What goes into mastering, and what comes out. */
import type { AudioMeasurement } from "@gainstage/dsp";
import type { GraphDescription, RuntimeFault } from "@gainstage/graph";
import type { NodeLatency } from "@gainstage/host";

export interface Track {
  readonly name: string;
  readonly sampleRateHz: number;
  /** One or two, on shared memory or not. */
  readonly channels: readonly Float32Array[];
}

/** Gain change in dB, 0 or below, the deepest of each hundredth of a second. */
export interface GainTrace {
  readonly secondsPerPoint: number;
  readonly gainDb: readonly number[];
}

export interface MasteredTrack {
  readonly name: string;
  readonly sampleRateHz: number;
  readonly channels: readonly Float32Array[];
  readonly before: AudioMeasurement;
  readonly after: AudioMeasurement;
  /** What the search settled on. */
  readonly levelDb: number;
  readonly driveDb: number;
  readonly limiterCeilingDbtp: number;
  readonly graph: GraphDescription;
  readonly latencyFrames: number;
  /** By node id. */
  readonly latencies: ReadonlyMap<string, NodeLatency>;
  readonly compressorGain: GainTrace;
  readonly limiterGain: GainTrace;
  readonly faults: readonly RuntimeFault[];
  /** What could not be reached, in a sentence each. */
  readonly warnings: readonly string[];
}
