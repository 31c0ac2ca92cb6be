/** Which sections run, until when nothing changes that, and how long they ring. */
import { BAND_SECTIONS, framesLeft, phaseLeft, runs, slot, timeConstant } from "./band";
import { MAX_SECTIONS } from "./band-design";
import { normalise, restore } from "./cascade";
import { bandAt, BANDS, State } from "./state";

/** ln(1e12): a ring is over when it has fallen by 240 dB, */
const SILENT_NEPERS: f64 = 27.6;
/** starting from this much louder than the input for each section. */
const LOUDER_NEPERS: f64 = 3.5;
/** How close the bound of the ring comes to the slowest section's own decay. */
const DECAY_RATE: f64 = 0.75;

/** After any change of the set of sections or of a ramp: the lists, the next ends, the ring. */
export function takeStock(s: State): void {
  if (s.normalised) {
    restore(<usize>s.leftRight, s.leftRightCount, <usize>s.leftRightRows, <usize>s.leftRightGain);
    restore(<usize>s.midSide, s.midSideCount, <usize>s.midSideRows, <usize>s.midSideGain);
  }
  s.leftRightCount = 0;
  s.midSideCount = 0;
  s.nextEnd = 0;
  s.lastEnd = 0;
  let slowest: f64 = 0;
  for (let b = 0; b < BANDS; b++) {
    const band = bandAt(s, b);
    const left = framesLeft(band);
    const phase = phaseLeft(band, s.rampFrames);
    if (phase > 0 && (s.nextEnd == 0 || phase < s.nextEnd)) s.nextEnd = phase;
    s.lastEnd = max(s.lastEnd, left);
    for (let k = 0; k < BAND_SECTIONS; k++) {
      const section = slot(band, k);
      if (!runs(section)) continue;
      if (k < MAX_SECTIONS) {
        store<u32>(<usize>s.leftRight + (<usize>s.leftRightCount << 2), <u32>section);
        s.leftRightCount++;
      } else {
        store<u32>(<usize>s.midSide + (<usize>s.midSideCount << 2), <u32>section);
        s.midSideCount++;
      }
      slowest = Math.max(slowest, timeConstant(section));
    }
  }
  s.ring = ringFrames(s, slowest);
  s.normalised = s.nextEnd == 0 ? 1 : 0;
  normalise(<usize>s.leftRight, s.normalised ? s.leftRightCount : 0, <usize>s.leftRightRows, <usize>s.leftRightGain);
  normalise(<usize>s.midSide, s.normalised ? s.midSideCount : 0, <usize>s.midSideRows, <usize>s.midSideGain);
}

/**
 * Chernoff's bound of a cascade of poles: |h[n]| ≤ e^(-σn) Π 1 / (1 - σ τ), with σ a part of the slowest decay.
 */
function ringFrames(s: State, slowest: f64): i32 {
  const count = s.leftRightCount + s.midSideCount;
  if (count == 0) return 0;
  let nepers = SILENT_NEPERS + LOUDER_NEPERS * <f64>count;
  for (let i = 0; i < s.leftRightCount; i++) nepers += spread(<usize>s.leftRight, i, slowest);
  for (let i = 0; i < s.midSideCount; i++) nepers += spread(<usize>s.midSide, i, slowest);
  // Two frames a section for what has no poles.
  return <i32>Math.ceil((nepers / DECAY_RATE) * slowest) + 2 * count;
}

function spread(list: usize, index: i32, slowest: f64): f64 {
  if (slowest == 0) return 0;
  return -Math.log(1 - (DECAY_RATE * timeConstant(<usize>load<u32>(list + (<usize>index << 2)))) / slowest);
}
