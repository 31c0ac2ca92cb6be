/**
 * Mastering: tracks to a loudness target under a true-peak ceiling, each for itself or an album as one.
 *
 * First pass: everything before the limiter is rendered once and measured. The drive into the limiter is then
 * searched on that, which costs only the limiter. Second pass: the whole chain, with what was found.
 */
import {
  type AudioMeasurement,
  albumIntegratedLufs,
  type DspKernels,
  LoudnessMeter,
  measureAudio,
  TruePeakMeter,
} from "@gainstage/dsp";
import type { ChannelCount, GraphDescription } from "@gainstage/graph";
import { findParam, type Host, type MeterEvent } from "@gainstage/host";
import {
  BEFORE_LIMITER,
  type ChainInsert,
  type ChainSettings,
  chainGraph,
  INPUT,
  OUTPUT,
} from "./chain-graph.ts";
import { searchDrive } from "./loudness-search.ts";
import type { MasteringPreset } from "./preset.ts";
import type { GainTrace, MasteredTrack, Track } from "./track.ts";

export interface MasterRequest {
  readonly tracks: readonly Track[];
  readonly targetLufs: number;
  readonly ceilingDbtp: number;
  /** "track": each to the target. "album": one drive for all, so that they keep their relation. */
  readonly mode: "track" | "album";
  readonly preset: MasteringPreset;
  /** Effects before the limiter, in order. */
  readonly inserts?: readonly ChainInsert[];
  /** How long a call of a plugin may take before it is left out. Default 5. */
  readonly hangSeconds?: number;
  readonly signal?: AbortSignal;
  /** Told as work goes on, 0 to 1. */
  readonly onProgress?: (done: number) => void;
}

/** The loudness at which programmes enter the chain, so that a preset's thresholds mean the same for all. */
const CHAIN_LUFS = -18;
const TRACE_SECONDS = 0.01;
/** How far the limiter's own ceiling is lowered each time the measured peak is above the one asked for. */
const CEILING_STEP_DB = 0.02;
const CEILING_TRIALS = 6;

export class SilentTrackError extends Error {
  override readonly name = "SilentTrackError";
}

/** Throws a SilentTrackError, or what rendering throws. The order of the tracks is kept. */
export async function masterTracks(
  host: Host,
  kernels: DspKernels,
  request: MasterRequest,
): Promise<MasteredTrack[]> {
  const session = new Mastering(host, kernels, request);
  return request.mode === "album" ? session.album() : session.eachTrack();
}

/** A track before the limiter. */
interface Prepared {
  readonly track: Track;
  readonly before: AudioMeasurement;
  readonly levelDb: number;
  readonly channels: readonly Float32Array[];
}

class Mastering {
  readonly #host: Host;
  readonly #kernels: DspKernels;
  readonly #request: MasterRequest;
  #done = 0;
  readonly #steps: number;

  constructor(host: Host, kernels: DspKernels, request: MasterRequest) {
    this.#host = host;
    this.#kernels = kernels;
    this.#request = request;
    // For each track: prepare, about six trials of the limiter, the final pass.
    this.#steps = request.tracks.length * 8;
  }

  async eachTrack(): Promise<MasteredTrack[]> {
    const mastered: MasteredTrack[] = [];
    for (const [i, track] of this.#request.tracks.entries()) {
      const before = this.#measureInput(track);
      const prepared = await this.#prepare(track, before, levelTo(before.integratedLufs!));
      mastered.push(...(await this.#finish([prepared])));
      this.#reach((i + 1) * 8);
    }
    return mastered;
  }

  async album(): Promise<MasteredTrack[]> {
    const { tracks } = this.#request;
    const befores = tracks.map((track) => this.#measureInput(track));
    const loudness = albumIntegratedLufs(
      tracks.map((track) => this.#loudnessOf(track.channels, track.sampleRateHz)),
    );
    const prepared: Prepared[] = [];
    for (const [i, track] of tracks.entries()) {
      prepared.push(await this.#prepare(track, befores[i], levelTo(loudness ?? CHAIN_LUFS)));
    }
    const mastered = await this.#finish(prepared);
    this.#reach(this.#steps);
    return mastered;
  }

  #measureInput(track: Track): AudioMeasurement {
    const measured = measureAudio(this.#kernels, track.channels, track.sampleRateHz);
    if (measured.integratedLufs === null) {
      throw new SilentTrackError(
        `${track.name} is silent, or shorter than 0.4 s: there is nothing to master`,
      );
    }
    return measured;
  }

  async #prepare(track: Track, before: AudioMeasurement, levelDb: number): Promise<Prepared> {
    const settings = {
      ...this.#chain(),
      levelDb,
      driveDb: 0,
      ceilingDbtp: this.#request.ceilingDbtp,
    };
    const graph = chainGraph(this.#host, settings, channelCount(track.channels), BEFORE_LIMITER);
    const { channels } = await this.#render(graph, track.channels, track.sampleRateHz);
    this.#reach(this.#done + 1);
    return { track, before, levelDb, channels };
  }

  /** One drive for all of `group`: searched, checked against the ceiling, rendered through the whole chain. */
  async #finish(group: readonly Prepared[]): Promise<MasteredTrack[]> {
    const { preset, targetLufs, ceilingDbtp } = this.#request;
    const { min, max } = findParam(this.#host.catalog.find("limiter").manifest, "inputGainDb");
    let limiterCeilingDbtp = ceilingDbtp;
    let driveDb = 0;
    for (let trial = 0; ; trial++) {
      const limited = async (drive: number) => {
        const outputs: (readonly Float32Array[])[] = [];
        for (const { channels, track } of group) {
          const settings = { preset, levelDb: 0, driveDb: drive, ceilingDbtp: limiterCeilingDbtp };
          const graph = chainGraph(this.#host, settings, 2, ["limiter"]);
          outputs.push((await this.#render(graph, channels, track.sampleRateHz)).channels);
        }
        this.#reach(this.#done + group.length * 0.8);
        return outputs;
      };
      const loudnessOf = (outputs: readonly (readonly Float32Array[])[]) =>
        albumIntegratedLufs(
          outputs.map((channels, i) => this.#loudnessOf(channels, group[i].track.sampleRateHz)),
        );
      const start =
        trial > 0 ? driveDb : targetLufs - (loudnessOf(group.map(({ channels }) => channels)) ?? targetLufs);
      const found = await searchDrive(async (drive) => loudnessOf(await limited(drive)), targetLufs, start, [
        min,
        max,
      ]);
      driveDb = found.driveDb;
      const peaks = (await limited(driveDb)).map((channels) => this.#truePeakDbtp(channels) ?? -200);
      const over = Math.max(...peaks) - ceilingDbtp;
      if (over <= 0 || trial === CEILING_TRIALS) {
        const warnings = found.reached
          ? []
          : [
              `${targetLufs} LUFS could not be reached: ${found.loudnessLufs.toFixed(1)} LUFS at ${driveDb.toFixed(1)} dB of drive`,
            ];
        return this.#finalPass(group, driveDb, limiterCeilingDbtp, warnings);
      }
      limiterCeilingDbtp -= Math.ceil((over + CEILING_STEP_DB) * 1000) / 1000;
    }
  }

  async #finalPass(
    group: readonly Prepared[],
    driveDb: number,
    limiterCeilingDbtp: number,
    warnings: readonly string[],
  ): Promise<MasteredTrack[]> {
    const mastered: MasteredTrack[] = [];
    for (const { track, before, levelDb } of group) {
      const { sampleRateHz } = track;
      const settings: ChainSettings = {
        ...this.#chain(),
        levelDb,
        driveDb,
        ceilingDbtp: limiterCeilingDbtp,
      };
      const graph = chainGraph(this.#host, settings, channelCount(track.channels));
      const traces = { compressor: [] as number[], limiter: [] as number[] };
      const onMeters = ({ frame, node, values }: MeterEvent) => {
        if (frame < 0 || (node !== "compressor" && node !== "limiter")) return;
        const point = Math.floor(frame / sampleRateHz / TRACE_SECONDS);
        for (let i = traces[node].length; i < point; i++) traces[node].push(traces[node].at(-1) ?? 0);
        traces[node][point] = Math.min(traces[node][point] ?? 0, values[0]);
      };
      this.#host.events.on("meters", onMeters);
      try {
        const out = await this.#render(graph, track.channels, sampleRateHz, ["compressor", "limiter"]);
        const trace = (gainDb: readonly number[]): GainTrace => ({ secondsPerPoint: TRACE_SECONDS, gainDb });
        mastered.push({
          name: track.name,
          sampleRateHz,
          channels: out.channels,
          before,
          after: measureAudio(this.#kernels, out.channels, sampleRateHz),
          levelDb,
          driveDb,
          limiterCeilingDbtp,
          graph,
          latencyFrames: out.latencyFrames,
          latencies: out.latencies,
          compressorGain: trace(traces.compressor),
          limiterGain: trace(traces.limiter),
          faults: out.faults,
          warnings,
        });
      } finally {
        this.#host.events.off("meters", onMeters);
      }
    }
    return mastered;
  }

  #chain(): Pick<ChainSettings, "preset" | "inserts"> {
    const { preset, inserts = [] } = this.#request;
    return { preset, inserts };
  }

  async #render(
    graph: GraphDescription,
    source: readonly Float32Array[],
    sampleRateHz: number,
    watch: readonly string[] = [],
  ) {
    const { signal, hangSeconds } = this.#request;
    const rendered = await this.#host.renderer.render({
      graph,
      sampleRateHz,
      frames: source[0].length,
      sources: new Map([[INPUT, source]]),
      watch,
      ...(watch.length > 0 && { blockFrames: Math.round(TRACE_SECONDS * sampleRateHz) }),
      ...(hangSeconds !== undefined && { hangSeconds }),
      ...(signal && { signal }),
    });
    return { ...rendered, channels: rendered.outputs.get(OUTPUT)! };
  }

  #loudnessOf(channels: readonly Float32Array[], sampleRateHz: number): LoudnessMeter {
    const meter = new LoudnessMeter(this.#kernels, sampleRateHz, channels.length);
    meter.process(channels);
    return meter;
  }

  #truePeakDbtp(channels: readonly Float32Array[]): number | null {
    const meter = new TruePeakMeter(this.#kernels, channels.length);
    meter.process(channels);
    return meter.overall.truePeakDbtp;
  }

  #reach(steps: number): void {
    this.#done = Math.min(steps, this.#steps);
    this.#request.onProgress?.(this.#done / this.#steps);
  }
}

/** To a hundredth of a dB: see the grid of the loudness search. */
function levelTo(loudnessLufs: number): number {
  return Math.round((CHAIN_LUFS - loudnessLufs) * 100) / 100;
}

function channelCount(channels: readonly Float32Array[]): ChannelCount {
  return channels.length === 1 ? 1 : 2;
}
