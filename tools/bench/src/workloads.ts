/** What the workloads are: their parameters, the same for every engine, and how fast we mean to be. 48 kHz, stereo, float32. */

export const SAMPLE_RATE_HZ = 48_000;

export type WorkloadId = "W1" | "W2" | "W3" | "W4" | "W5";

export interface Workload {
  readonly id: WorkloadId;
  readonly title: string;
  /** It is not made longer than this. */
  readonly longestSeconds: number;
}

/** The tracks of W3 come from ten minutes. */
export const LONGEST_MIX_SECONDS = 60;

export const WORKLOADS: readonly Workload[] = [
  { id: "W1", title: "8-band EQ, compressor, gain, pan", longestSeconds: 600 },
  { id: "W2", title: "EQ, compressor, width, true-peak limiter, R128", longestSeconds: 600 },
  {
    id: "W3",
    title: "32 tracks: EQ, compressor, pan; two sends; bus limiter",
    longestSeconds: LONGEST_MIX_SECONDS,
  },
  { id: "W4", title: "R128 integrated loudness and true peak", longestSeconds: 600 },
  { id: "W5", title: "1000 gains in blocks of 128", longestSeconds: 60 },
];

/** Largest ratio to the best peer that we are content with, by entrant of ours. */
export const AIMS: Readonly<Record<string, number>> = {
  W1: 0.4,
  W2: 0.5,
  W3: 0.2,
  "W3 on two cores": 0.12,
  W4: 0.2,
  W5: 0.6,
};

export type BandType = "low-shelf" | "bell" | "high-shelf";

export interface Band {
  readonly type: BandType;
  readonly frequencyHz: number;
  readonly q: number;
  readonly gainDb: number;
}

export const EQ8: readonly Band[] = [
  { type: "low-shelf", frequencyHz: 80, q: 0.707, gainDb: 2 },
  { type: "bell", frequencyHz: 150, q: 1, gainDb: -2 },
  { type: "bell", frequencyHz: 300, q: 1, gainDb: -1.5 },
  { type: "bell", frequencyHz: 600, q: 1.2, gainDb: 1 },
  { type: "bell", frequencyHz: 1200, q: 1.2, gainDb: -1 },
  { type: "bell", frequencyHz: 2500, q: 1, gainDb: 1.5 },
  { type: "bell", frequencyHz: 6000, q: 1, gainDb: 2 },
  { type: "high-shelf", frequencyHz: 12_000, q: 0.707, gainDb: 2.5 },
];

/** The bands of a track in W3. */
export const EQ4: readonly Band[] = [EQ8[0], EQ8[2], EQ8[5], EQ8[7]];

export const COMPRESSOR = {
  thresholdDb: -24,
  ratio: 3,
  kneeDb: 6,
  attackMs: 10,
  releaseMs: 120,
  makeupDb: 4,
};

/** W1, after the compressor: a gain, and a balance that turns the left channel down by 1 - PAN. */
export const GAIN = 0.841;
export const PAN = 0.2;

/** W2: how much wider, and what drives the limiter so that it works. */
export const WIDTH = 1.2;
export const DRIVE_DB = 6;
export const LIMITER = { ceilingDbtp: -1, lookaheadMs: 5, releaseMs: 50 };

/** W3: tracks are overlapping windows of one long source, each so much of its own length after the one before. */
export const TRACKS = 32;
export const TRACK_STAGGER = 0.275;
/** From the faders to the bus, and from a track to each of the two sends. */
export const BUS_DB = -18;
export const SEND_DB = -12;
export const REVERB_SECONDS = 2;
export const trackPan = (track: number): number => -0.9 + (1.8 * track) / (TRACKS - 1);

/** W5: 100 chains of ten gains, summed. */
export const CHAINS = 100;
export const GAINS_PER_CHAIN = 10;
export const CHAIN_GAIN = 0.999;
export const BLOCK_FRAMES = 128;

export const dbToGain = (db: number): number => 10 ** (db / 20);
export const gainToDb = (gain: number): number => 20 * Math.log10(gain);
