/**
 * The convolver as plain scalar TypeScript: what assembly/ does with partitions and transforms, term by term in f64.
 *
 *   x ─┬─────────────────────────────────────────────────────────────▶ × dry ────────────────┐
 *      └─▶ crossfeed ─▶ pre-delay ─▶ convolution ─▶ low cut ─▶ high cut ─▶ width ─▶ × wet ─▶ + ─▶ y
 */
import { Ramp } from "@gainstage/dsp";
import { definePlugin, type Processor, type ProcessSetup } from "@gainstage/plugin-api";
import { Controls } from "./controls.ts";
import { responseOf } from "./own-response.ts";
import { CROSS_PERCENT, DECAY_PERCENT, LONGEST_PRE_DELAY_MS, PRE_DELAY_MS, SPACE } from "./params.ts";
import { responseFor } from "./response.ts";

const NOTHING = 1e-20;
const LOUDEST = 1e10;
const FILTER_TAIL_MS = 250;
const TICK = 64;

export default definePlugin({ activate: (setup) => convolver(setup) });

function convolver({ sampleRateHz, inputs, outputs, params: initial, state }: ProcessSetup): Processor {
  if (inputs[0].channels > outputs[0].channels) throw new Error("stereo does not become mono");
  const mono = outputs[0].channels === 1;
  const framesPerMs = sampleRateHz / 1000;
  const own = state ? responseOf(state.bytes) : undefined;
  const pair = responseFor(initial[SPACE], initial[DECAY_PERCENT] / 100, sampleRateHz, own);
  const response = mono ? [pair[0].map((x, i) => (x + pair[1][i]) / 2)] : pair;
  const longest = Math.ceil(LONGEST_PRE_DELAY_MS * framesPerMs);
  const length = response[0].length;
  const tailFrames = length === 0 ? 0 : longest + length - 1 + Math.ceil(FILTER_TAIL_MS * framesPerMs);
  const restFrames = Math.max(TICK, tailFrames);
  const controls = new Controls(initial, sampleRateHz, mono);
  const crossOf = (params: Float64Array) => params[CROSS_PERCENT] / 200;
  const cross = new Ramp(crossOf(initial), controls.length);
  const preDelayOf = (params: Float64Array) => Math.round(params[PRE_DELAY_MS] * framesPerMs);

  let params = initial;
  let resting = true;
  let silentFrames = 0;
  /** All frames since the first sound, after the crossfeed and after the pre-delay. */
  let heard: number[][] = [];
  let delayed: number[][] = [];
  let preDelay = 0;
  let nextPreDelay = 0;
  let fadeLeft = 0;
  let low: StateVariable[] = [];
  let high: StateVariable[] = [];

  function rest(): void {
    resting = true;
    silentFrames = 0;
    heard = response.map(() => []);
    delayed = response.map(() => []);
    low = response.map(() => new StateVariable());
    high = response.map(() => new StateVariable());
    settle();
  }

  /** To what the parameters ask for at once, since nothing is heard. */
  function settle(): void {
    controls.settle(params);
    cross.settle(crossOf(params));
    preDelay = preDelayOf(params);
    fadeLeft = 0;
  }

  function pushDelayed(): void {
    if (fadeLeft === 0 && preDelayOf(params) !== preDelay) {
      nextPreDelay = preDelayOf(params);
      fadeLeft = controls.length;
    }
    const share = fadeLeft === 0 ? 0 : 1 - fadeLeft / controls.length;
    for (const [c, past] of heard.entries()) {
      const at = (delay: number) => past[past.length - 1 - delay] ?? 0;
      delayed[c].push(at(preDelay) + share * (at(nextPreDelay) - at(preDelay)));
    }
    if (fadeLeft > 0 && --fadeLeft === 0) preDelay = nextPreDelay;
  }

  function wetFrame(): number[] {
    const { lowOn, lowTan, highOn, highTan } = controls.now;
    return delayed.map((x, c) => {
      const w = convolved(response[c], x);
      const thin = lowOn === 0 ? w : w + lowOn * (low[c].next(lowTan, w).high - w);
      const dark = highOn === 0 ? thin : thin + highOn * (high[c].next(highTan, thin).low - thin);
      if (lowOn === 0) low[c] = new StateVariable();
      if (highOn === 0) high[c] = new StateVariable();
      return dark;
    });
  }

  function frame(x: readonly number[]): number[] {
    const now = x.map((sample) => (Math.abs(sample) >= NOTHING && Math.abs(sample) < LOUDEST ? sample : 0));
    const silent = now.every((sample) => sample === 0);
    if (resting && silent) return x.map((sample) => controls.now.dry * sample);
    resting = false;
    const over = cross.next();
    for (const [c, past] of heard.entries()) past.push(now[c] + over * ((now[1 - c] ?? now[c]) - now[c]));
    pushDelayed();
    controls.advance();
    const wet = wetFrame();
    const { dry, straight, across } = controls.now;
    const y = wet.map((w, c) => dry * x[c] + straight * w + across * (wet[1 - c] ?? 0));
    silentFrames = silent ? silentFrames + 1 : 0;
    if (heard[0].length % TICK === 0 && silentFrames >= restFrames) rest();
    return y;
  }

  rest();
  return {
    latencyFrames: 0,
    tailFrames,
    reset: rest,
    process({ frames, inputs: [main], outputs: [out], params: now }) {
      params = now;
      if (resting) settle();
      else {
        controls.follow(now);
        cross.aim(crossOf(now));
      }
      for (let i = 0; i < frames; i++) {
        const y = frame(mono ? [main[0][i]] : [main[0][i], (main[1] ?? main[0])[i]]);
        for (const [c, channel] of out.entries()) channel[i] = y[c];
      }
      return resting ? 0 : Math.max(1, restFrames + TICK - silentFrames);
    },
  };
}

/** y[n] = Σ h[k] x[n - k] for the last n. */
function convolved(h: Float64Array, x: readonly number[]): number {
  const last = x.length - 1;
  let y = 0;
  for (let k = Math.min(h.length - 1, last); k >= 0; k--) y += h[k] * x[last - k];
  return y;
}

/** A Butterworth filter of second order by trapezoidal integration; see assembly/filters.ts. */
class StateVariable {
  #s1 = 0;
  #s2 = 0;

  next(tan: number, x: number): { low: number; high: number } {
    const high = (x - (tan + Math.SQRT2) * this.#s1 - this.#s2) / (1 + tan * (tan + Math.SQRT2));
    const band = tan * high + this.#s1;
    const low = tan * band + this.#s2;
    this.#s1 = tan * high + band;
    this.#s2 = tan * band + low;
    return { low, high };
  }
}
