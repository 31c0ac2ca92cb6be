/** Everything that the report shows, as plain data: reportHtml() draws it and measures nothing. */
import type { AudioMeasurement, BandedSpectrum } from "@gainstage/dsp";
import type { GraphDescription } from "@gainstage/graph";
import type { NodeLatency } from "@gainstage/host";
import type { GainTrace } from "@gainstage/mastering";
import type { Manifest } from "@gainstage/plugin-api";

export interface ReportData {
  readonly title: string;
  readonly gainstageVersion: string;
  readonly targetLufs: number;
  readonly ceilingDbtp: number;
  readonly stems: readonly StemReport[];
  readonly mix: AudioReport;
  readonly master: AudioReport;
  /** What the whole mix was turned down by for headroom; 0 or below. */
  readonly headroomTrimDb: number;
  /** Drive into the limiter that the loudness search found. */
  readonly driveDb: number;
  readonly gainReduction: readonly { readonly name: string; readonly trace: GainTrace }[];
  readonly graphs: readonly GraphReport[];
  readonly notes: readonly string[];
}

export interface StemReport {
  readonly name: string;
  /** "FLAC, 44.1 kHz, 24 bit, mono" */
  readonly file: string;
  readonly measurement: AudioMeasurement;
}

export interface AudioReport {
  readonly name: string;
  readonly sampleRateHz: number;
  readonly channels: readonly Float32Array[];
  readonly measurement: AudioMeasurement;
  /** The window that ends 0.4 s in, then one every 0.1 s; null for silence. */
  readonly momentaryLufs: readonly (number | null)[];
  /** The window that ends 3 s in, then one every 0.1 s. */
  readonly shortTermLufs: readonly (number | null)[];
  /** Of each 0.1 s. */
  readonly correlation: readonly (number | null)[];
  /** Sixth-octave bands; the power of a full-scale sine is 1. */
  readonly spectrum: BandedSpectrum;
}

export interface GraphReport {
  readonly title: string;
  readonly sampleRateHz: number;
  readonly graph: GraphDescription;
  readonly latencyFrames: number;
  readonly latencies: ReadonlyMap<string, NodeLatency>;
  /** By plugin id, for names and units. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** Names of strips and buses by the first part of a node's id ("kick/fader" is of "kick"). */
  readonly channelNames: ReadonlyMap<string, string>;
}
