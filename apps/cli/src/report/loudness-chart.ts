/** Loudness over time, EBU Tech 3341: momentary (0.4 s) and short-term (3 s), with target and integrated loudness. */
import { html, type Markup } from "./markup.ts";
import { fixed, withUnit } from "./number-text.ts";
import {
  type Axis,
  linearAxis,
  linePath,
  plot,
  round,
  type Series,
  timeAxis,
  timeRuns,
  WIDTH,
} from "./plot.ts";
import type { AudioReport, ReportData } from "./report-data.ts";

const HEIGHT = 264;
const STEP_LU = 6;
const LEAST_SPAN_LU = 24;
const MOST_SPAN_LU = 42;

/** A value belongs to the end of its window, so the first stands at the window's length. */
const momentary = (audio: AudioReport) => series(audio.momentaryLufs, 0.4);
const shortTerm = (audio: AudioReport) => series(audio.shortTermLufs, 3);

function series(values: readonly (number | null)[], startSeconds: number): Series {
  return { values, startSeconds, secondsPerPoint: 0.1, keep: "highest" };
}

export function loudnessChart({ mix, master, targetLufs }: ReportData): Markup {
  const seconds = Math.max(...[mix, master].map((a) => a.measurement.frames / a.sampleRateHz));
  const x = timeAxis(seconds);
  const y = loudnessAxis([mix.shortTermLufs, master.shortTermLufs], master.momentaryLufs, targetLufs);
  const integrated = master.measurement.integratedLufs;
  const level = (style: string, lufs: number) => {
    const top = round(HEIGHT * (1 - y.at(lufs)));
    return html`<path class="line ${style}" d="M0 ${top}H${WIDTH}"/>`;
  };
  const curve = (style: string, values: Series) =>
    html`<path class="line ${style}" d="${linePath(timeRuns(values, x, y, HEIGHT))}"/>`;
  return plot({
    id: "loudness",
    title: "Loudness over time",
    description:
      `Integrated loudness ${withUnit(mix.measurement.integratedLufs, "LUFS")} in the mix and ` +
      `${withUnit(integrated, "LUFS")} in the master; target ${fixed(targetLufs)} LUFS. ` +
      `Highest short-term loudness of the master ${withUnit(master.measurement.maxShortTermLufs, "LUFS")}.`,
    unit: "LUFS",
    heightPx: HEIGHT,
    x,
    y,
    layers: [
      curve("master thin", momentary(master)),
      curve("mix dash", shortTerm(mix)),
      curve("master", shortTerm(master)),
      level("target", targetLufs),
      ...(integrated === null ? [] : [level("integrated", integrated)]),
    ],
    keys: [
      { text: "Master, short-term", style: "line master" },
      { text: "Master, momentary", style: "line master thin" },
      { text: "Mix, short-term", style: "line mix dash" },
      { text: `Target ${fixed(targetLufs)} LUFS`, style: "line target" },
      ...(integrated === null
        ? []
        : [{ text: `Master, integrated ${fixed(integrated)} LUFS`, style: "line integrated" }]),
    ],
  });
}

/** Holds the loudest value and the target, and goes down as far as short-term loudness does, within reason. */
function loudnessAxis(
  shortTerm: readonly (readonly (number | null)[])[],
  momentary: readonly (number | null)[],
  targetLufs: number,
): Axis {
  const slow = shortTerm.flat().filter((value) => value !== null);
  const lowest = slow.reduce((a, b) => Math.min(a, b), targetLufs);
  const highest = [...slow, ...momentary].reduce((a: number, b) => Math.max(a, b ?? a), targetLufs);
  const top = Math.ceil((highest + 1) / STEP_LU) * STEP_LU;
  const span = Math.ceil((top - lowest) / STEP_LU) * STEP_LU;
  const bottom = top - Math.max(LEAST_SPAN_LU, Math.min(MOST_SPAN_LU, span));
  return linearAxis(Math.min(bottom, Math.floor(targetLufs / STEP_LU) * STEP_LU), top, STEP_LU, (lufs) =>
    fixed(lufs, 0),
  );
}
