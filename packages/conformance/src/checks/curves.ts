/** "curve/1": what the plugin draws is what it does. */
import type { CurveExtension, RunningProcessor } from "@gainstage/plugin-api";
import { CheckFailed } from "../cases/check-failed.ts";
import { randomCases } from "../cases/random-cases.ts";
import { type Check, NotRun } from "../check.ts";
import { decibels } from "../measuring/compare.ts";
import { magnitudeAt, responseOf } from "../measuring/response.ts";
import { withProcessor } from "../playing/play.ts";
import { sine } from "../playing/signals.ts";
import { MAX_FRAMES, mainInputOf, SAMPLE_RATE_HZ, stream } from "../playing/stream.ts";
import { property } from "../property.ts";

const MAX_MAGNITUDE_ERROR_DB = 0.1;
/** Below this the impulse response is rounding, not a curve. */
const FLOOR_DB = -80;
const FREQUENCIES_HZ = Float64Array.from({ length: 96 }, (_, i) => 20 * 1000 ** (i / 95));

const MAX_TRANSFER_ERROR_DB = 0.5;
const LEVELS_DB = Float64Array.from({ length: 11 }, (_, i) => 6 * i - 60);
/** The slowest attack has settled by then, and the level is measured after it. */
const SETTLE_FRAMES = 2 * SAMPLE_RATE_HZ;
const HEARD_FRAMES = SAMPLE_RATE_HZ / 4;

const curve = property({
  id: "G04",
  level: "should",
  title:
    "draws what it does: a magnitude within 0.1 dB of its impulse response, a transfer within 0.5 dB of steady tones",
  listed: () => [{}],
  random: (manifest) => randomCases(manifest, { params: true }),
  runs: 8,
  holds({ plugin, manifest }, given) {
    if (!manifest.extensions?.includes("curve/1")) throw new NotRun('it does not offer "curve/1"');
    withProcessor(plugin, given, (processor) => {
      const drawn = processor.extension("curve/1")!;
      const magnitude = drawnBy(drawn, "magnitude", FREQUENCIES_HZ);
      const transfer = drawnBy(drawn, "transfer", LEVELS_DB);
      if (!magnitude && !transfer) throw new NotRun("it has no curve of a kind that is known");
      if (magnitude) agreesInMagnitude(processor, magnitude);
      if (transfer) agreesInTransfer(processor, transfer);
    });
  },
});

function drawnBy(
  extension: CurveExtension,
  kind: "magnitude" | "transfer",
  x: Float64Array,
): Float64Array | undefined {
  const y = new Float64Array(x.length);
  return extension.curve(kind, x.slice(), y) ? y : undefined;
}

function agreesInMagnitude(processor: RunningProcessor, drawn: Float64Array): void {
  const measured = responseOf(processor, SAMPLE_RATE_HZ, FREQUENCIES_HZ);
  for (const [i, hz] of FREQUENCIES_HZ.entries()) {
    if (measured[i] < FLOOR_DB && drawn[i] < FLOOR_DB + MAX_MAGNITUDE_ERROR_DB) continue;
    if (Math.abs(drawn[i] - measured[i]) <= MAX_MAGNITUDE_ERROR_DB) continue;
    throw new CheckFailed(
      `draws ${drawn[i].toFixed(2)} dB at ${hz.toFixed(1)} Hz, where it has ${measured[i].toFixed(2)} dB`,
    );
  }
}

interface Tone {
  readonly hz: number;
  readonly at: (level: number) => Float32Array;
}

/** Tones that stay at a level: a detector may take either for it. */
const TONES: readonly Tone[] = [
  // Half the rate: every sample has the same magnitude, so peak and power agree, nothing ripples, and no high-pass
  // before a detector takes any of it.
  {
    hz: SAMPLE_RATE_HZ / 2,
    at: (level) => new Float32Array(SETTLE_FRAMES).map((_, i) => ((i & 1) === 0 ? level : -level)),
  },
  // For those that look between the samples.
  { hz: 1000, at: (level) => sine(SETTLE_FRAMES, 1000, SAMPLE_RATE_HZ, level) },
];

function agreesInTransfer(processor: RunningProcessor, drawn: Float64Array): void {
  for (const [i, levelDb] of LEVELS_DB.entries()) {
    let nearest = Number.NaN;
    for (const tone of TONES) {
      const heard = levelDb + gainDb(processor, levelDb, tone);
      if (!(Math.abs(nearest - drawn[i]) <= Math.abs(heard - drawn[i]))) nearest = heard;
      if (Math.abs(nearest - drawn[i]) <= MAX_TRANSFER_ERROR_DB) break;
    }
    if (Math.abs(nearest - drawn[i]) <= MAX_TRANSFER_ERROR_DB) continue;
    throw new CheckFailed(
      `draws ${drawn[i].toFixed(2)} dBFS out for ${levelDb} dBFS in, where ${nearest.toFixed(2)} dBFS come out`,
    );
  }
}

/** What becomes of a tone that stays at a level, from reset() on. */
function gainDb(processor: RunningProcessor, levelDb: number, tone: Tone): number {
  processor.reset();
  const input = tone.at(10 ** (levelDb / 20));
  const [output] = stream(
    processor,
    mainInputOf(processor).map(() => input),
    { blocks: [MAX_FRAMES] },
  );
  const levelOf = (signal: Float32Array) =>
    magnitudeAt(signal.subarray(-HEARD_FRAMES), tone.hz, SAMPLE_RATE_HZ);
  return decibels(levelOf(output) / levelOf(input));
}

export const CURVE_CHECKS: readonly Check[] = [curve];
