/**
 * The delay as plain scalar TypeScript: what assembly/ does with two channels in a vector. A test fuzzes one against the
 * other. It does not foresee its tail: until it rests it says that it may sound for ever.
 *
 *   x ─┬───────────────────────────────────────────────▶ × dry ──────────┐
 *      ├─▶ peak ─▶ ducking ──────────────────────────────────────┐       ▼
 *      └─▶ + ─▶ lines L, R ─▶ T, swung by LFO ─┬─▶ width ─▶ × wet ÷ ─▶ + ─▶ y
 *          ▲                                   ▼
 *          └─ bounded ◀─ × feedback ◀─ L⇄R ◀─ high cut ◀─ low cut
 */
import { type Block, definePlugin, type Processor, type ProcessSetup } from "@gainstage/plugin-api";
import { Controls } from "./controls.ts";
import { Heads, Memory } from "./line.ts";
import { RATE_HZ } from "./params.ts";
import { wantedFrames } from "./time.ts";

const QUIET = 1e-9;
const LOUDEST = 1e10;
const FADE_MS = 50;
const DUCK_FULL = 0.125;
const DUCK_ATTACK_MS = 10;
const DUCK_RELEASE_MS = 200;

type Pair = readonly number[];

export default definePlugin({ activate: (setup) => delay(setup) });

function delay({ sampleRateHz, inputs, outputs, params }: ProcessSetup): Processor {
  if (inputs[0].channels > outputs[0].channels) throw new Error("stereo does not become mono");
  const mono = outputs[0].channels === 1;
  const controls = new Controls(params, sampleRateHz, mono);
  const lines = [new Memory(), new Memory()];
  const heads = new Heads(Math.ceil((FADE_MS * sampleRateHz) / 1000));
  const share = (ms: number) => 1 - Math.exp(-1 / ((ms / 1000) * sampleRateHz));
  let starting = true;
  let resting = true;
  let low = [0, 0];
  let high = [0, 0];
  let envelope = 0;
  let cycles = 0;
  let rateHz = 0;
  let emptyFrames = 0;

  function rest(): void {
    resting = true;
    low = [0, 0];
    high = [0, 0];
    envelope = 0;
    cycles = 0;
    emptyFrames = 0;
    for (const line of lines) line.forget();
    heads.jump();
  }

  /** The loop from what the heads read to what goes back into the lines. */
  function goRound(tap: Pair): Pair {
    const { feedback, cross, lowGain, lowOn, highGain, highOn } = controls.now;
    const thin = tap.map((x, c) => x - lowOn * lowPass(low, c, lowGain, x));
    const dark = thin.map((x, c) => x + highOn * (lowPass(high, c, highGain, x) - x));
    return dark.map((x, c) => bounded(feedback * (x + cross * (dark[1 - c] - x))));
  }

  /** Ping-pong: the middle into the left line. Stereo: each channel into its own. */
  function feed([left, right]: Pair): Pair {
    const { cross } = controls.now;
    return [(1 - cross) * left + (cross * (left + right)) / 2, (1 - cross) * right];
  }

  function duckGain(heard: Pair): number {
    const { duck } = controls.now;
    const peak = Math.max(...heard.map(Math.abs));
    envelope += share(peak > envelope ? DUCK_ATTACK_MS : DUCK_RELEASE_MS) * (peak - envelope);
    if (duck === 0 || envelope < QUIET) envelope = 0;
    return 1 / (1 + duck * Math.min(1, envelope / DUCK_FULL));
  }

  function frame(x: Pair): Pair {
    controls.advance();
    const { own, other, dry, wet, depthFrames } = controls.now;
    const heard = x.map((sample) => (Math.abs(sample) < LOUDEST ? sample : 0));
    const quiet = heard.every((sample) => Math.abs(sample) < QUIET);
    if (resting) heads.jump();
    if (resting && quiet) return x.map((sample) => dry * sample);
    resting = false;

    const swing = Math.sin(2 * Math.PI * cycles);
    cycles += rateHz / sampleRateHz;
    const tap = heads.mix((delay) => lines.map((line) => line.read(delay, depthFrames, swing)));
    const back = goRound(tap);
    const written = feed(heard).map((sample, c) => flushed(sample + back[c]));
    for (const [c, line] of lines.entries()) line.push(written[c]);
    const gain = wet * duckGain(heard);
    const y = x.map((sample, c) =>
      wet === 0 ? sample : dry * sample + gain * (own * tap[c] + other * tap[1 - c]),
    );

    emptyFrames = quiet && written.every((sample) => sample === 0) ? emptyFrames + 1 : 0;
    if (emptyFrames > 0 && emptyFrames >= heads.hold(depthFrames)) rest();
    return y;
  }

  return {
    latencyFrames: 0,
    tailFrames: Number.POSITIVE_INFINITY,
    reset() {
      starting = true;
      rest();
    },
    process({ frames, inputs: [main], outputs: [out], params: now, transport }: Block) {
      if (starting) controls.settle(now);
      else controls.follow(now);
      starting = false;
      rateHz = now[RATE_HZ];
      heads.wanted = wantedFrames(now, transport, sampleRateHz);
      for (let i = 0; i < frames; i++) {
        const y = frame([main[0][i], (main[1] ?? main[0])[i]]);
        for (const [c, channel] of out.entries()) channel[i] = y[c];
      }
      return resting ? controls.left : Number.POSITIVE_INFINITY;
    },
  };
}

/** Up to full scale the input itself, then 2 - 1/|x|: never beyond 2. */
function bounded(x: number): number {
  const size = Math.abs(x);
  return size <= 1 ? x : Math.sign(x) * (2 - 1 / size);
}

function flushed(x: number): number {
  return Math.abs(x) >= QUIET ? x : 0;
}

/** A trapezoidal one-pole; see assembly/filters.ts. */
function lowPass(states: number[], c: number, gain: number, x: number): number {
  const v = gain * (x - states[c]);
  const y = v + states[c];
  states[c] = y + v;
  return y;
}
