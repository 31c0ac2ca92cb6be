/**
 * Limiter: no peak of the wave, between the samples too, leaves it above the ceiling.
 *
 *   x ─▶ input gain ─┬─▶ delay ──────────────────────────────────────────────────────────────▶ × ─▶ y
 *                    └▶ inter-sample peak ─▶ 1 - ceiling / peak ─▶ link ─▶ gain envelope ──────▲
 *
 * The scalar twin of assembly/: the same algorithm as its sources write it, slow. inter-sample-peak.ts has the detector,
 * gain-envelope.ts the ballistics. A signal that needs no reduction leaves it late and otherwise bit for bit.
 */
import { dbToGain, Ramp } from "@gainstage/dsp";
import { type Block, definePlugin, type Processor, type ProcessSetup } from "@gainstage/plugin-api";
import {
  AVERAGE_SETTLED,
  type EnvelopeFrames,
  envelopeFrames,
  GainEnvelope,
  SETTLED,
  SUSTAIN_RATIO,
} from "./gain-envelope.ts";
import { interSamplePeak, REACH_FRAMES } from "./inter-sample-peak.ts";

/** Indices of the parameters, in the order of the manifest. */
const INPUT_GAIN_DB = 0;
const CEILING_DBTP = 1;
const RELEASE_MS = 2;
const SUSTAIN_PERCENT = 3;
const LINK_PERCENT = 4;
const TRUE_PEAK = 5;
const LOOKAHEAD_MS = 6;

const RAMP_MS = 20;
/** What is louder than +200 dBFS, or not a number, is no audio and passes as silence. */
const LOUDEST = 1e10;
const METER_FLOOR_DB = -60;

class Limiter implements Processor {
  readonly latencyFrames: number;
  readonly tailFrames = 0;
  readonly #setup: ProcessSetup;
  readonly #envelopeFrames: EnvelopeFrames;
  readonly #inputGain: Ramp;
  /** The last frames of each channel, the newest at the end. */
  readonly #history: Float32Array[];
  #envelopes: GainEnvelope[] = [];
  #silentFrames = Number.POSITIVE_INFINITY;
  /** Until the first block after reset(), whose input gain is taken as it stands. */
  #starting = true;

  constructor(setup: ProcessSetup) {
    const lookaheadFrames = Math.round(setup.params[LOOKAHEAD_MS] * 0.001 * setup.sampleRateHz);
    this.#setup = setup;
    this.#envelopeFrames = envelopeFrames(lookaheadFrames, setup.sampleRateHz);
    this.latencyFrames = lookaheadFrames + REACH_FRAMES;
    const length = Math.max(this.latencyFrames, 2 * REACH_FRAMES) + 1;
    this.#history =
      setup.inputs[0].channels === 2
        ? [new Float32Array(length), new Float32Array(length)]
        : [new Float32Array(length)];
    this.#inputGain = new Ramp(1, Math.round(RAMP_MS * 0.001 * setup.sampleRateHz));
    this.reset();
  }

  reset(): void {
    for (const channel of this.#history) channel.fill(0);
    this.#envelopes = this.#history.map(() => new GainEnvelope(this.#envelopeFrames));
    this.#starting = true;
    this.#silentFrames = Number.POSITIVE_INFINITY;
  }

  process(block: Block): number {
    const { sampleRateHz } = this.#setup;
    const ceiling = dbToGain(block.params[CEILING_DBTP]);
    const link = block.params[LINK_PERCENT] * 0.01;
    const sustain = block.params[SUSTAIN_PERCENT] * 0.01;
    const releaseMs = block.params[RELEASE_MS];
    const releasePole = pole(releaseMs, sampleRateHz);
    const averagePole = pole(releaseMs * SUSTAIN_RATIO, sampleRateHz);
    const newest = this.#history[0].length - 1;
    let lowest = 1;
    const goal = dbToGain(block.params[INPUT_GAIN_DB]);
    if (this.#starting) this.#inputGain.settle(goal);
    else this.#inputGain.aim(goal);
    this.#starting = false;

    for (let i = 0; i < block.frames; i++) {
      const inputGain = Math.fround(this.#inputGain.next());
      const needs = this.#history.map((history, c) => {
        history.copyWithin(0, 1);
        const x = Math.fround(block.inputs[0][c][i] * inputGain);
        history[newest] = Math.abs(x) < LOUDEST ? x : 0;
        const at = newest - REACH_FRAMES;
        const peak = block.params[TRUE_PEAK] ? interSamplePeak(history, at, ceiling) : Math.abs(history[at]);
        return peak > ceiling ? 1 - ceiling / peak : 0;
      });
      const common = Math.max(...needs);
      for (const [c, history] of this.#history.entries()) {
        const need = needs[c] + link * (common - needs[c]);
        const gain = this.#envelopes[c].next(need, releasePole, averagePole, sustain);
        block.outputs[0][c][i] = history[newest - this.latencyFrames] * gain;
        lowest = Math.min(lowest, gain);
      }
      const sounds = block.inputs[0].some((channel) => channel[i] !== 0);
      this.#silentFrames = sounds ? 0 : this.#silentFrames + 1;
    }
    block.meters[0] = Math.max(METER_FLOOR_DB, 20 * Math.log10(lowest));
    return this.#remaining(releasePole, averagePole);
  }

  /** What sounds is gone after the latency; the gains may come to rest later, one by two exponentials. */
  #remaining(releasePole: number, averagePole: number): number {
    const atRest =
      this.#silentFrames >= 2 * REACH_FRAMES && this.#envelopes.every((envelope) => envelope.atRest);
    const ramp = this.#inputGain.framesLeft;
    if (atRest) return Math.max(ramp, this.latencyFrames - this.#silentFrames);
    const { hold, boxes } = this.#envelopeFrames;
    const flush = this.latencyFrames + 2 * REACH_FRAMES + hold + boxes[0] + boxes[1];
    const release = Math.log(SETTLED) / Math.log(releasePole);
    const average = Math.log(AVERAGE_SETTLED) / Math.log(averagePole);
    return Math.max(1, ramp, flush + Math.ceil(release + average) - this.#silentFrames);
  }
}

function pole(timeMs: number, sampleRateHz: number): number {
  return Math.exp(-1 / (timeMs * 0.001 * sampleRateHz));
}

export default definePlugin({ activate: (setup) => new Limiter(setup) });
