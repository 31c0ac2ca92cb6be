/** Gain reduction over time, one drawing per dynamics effect, downwards from zero. */
import { html, type Markup } from "./markup.ts";
import { fixed } from "./number-text.ts";
import { areaPath, linearAxis, linePath, plot, type Series, timeAxis, timeRuns } from "./plot.ts";
import type { ReportData } from "./report-data.ts";

const HEIGHT = 96;
const LEAST_SPAN_DB = 6;
/** Less reduction than this is not at work: a soft knee's outermost edge. */
const ACTIVE_DB = 0.1;

type Trace = ReportData["gainReduction"][number]["trace"];

export interface ReductionFigures {
  /** The deepest, 0 or above. */
  readonly mostDb: number;
  /** Over the time at work; null if it never was. */
  readonly meanActiveDb: number | null;
  /** Share of the time at work, 0 to 1. */
  readonly active: number;
}

export function reductionFigures({ gainDb }: Trace): ReductionFigures {
  let [most, sum, count] = [0, 0, 0];
  for (const gain of gainDb) {
    if (-gain > most) most = -gain;
    if (-gain < ACTIVE_DB) continue;
    sum -= gain;
    count++;
  }
  return {
    mostDb: most,
    meanActiveDb: count > 0 ? sum / count : null,
    active: gainDb.length > 0 ? count / gainDb.length : 0,
  };
}

const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

export function gainReductionCharts({ gainReduction, master }: ReportData): Markup {
  if (gainReduction.length === 0) return html`<p>Nothing in the chain reduces gain.</p>`;
  const x = timeAxis(master.measurement.frames / master.sampleRateHz);
  return html`${gainReduction.map(({ name, trace }, i) => {
    const { mostDb, meanActiveDb, active } = reductionFigures(trace);
    const figures =
      meanActiveDb === null
        ? "never at work"
        : `most ${fixed(mostDb)} dB, mean while at work ${fixed(meanActiveDb)} dB, at work ${fixed(active * 100, 0)} % of the time`;
    const spanDb = Math.max(LEAST_SPAN_DB, Math.ceil(mostDb / 3) * 3);
    const y = linearAxis(-spanDb, 0, spanDb > 12 ? 6 : 3, (db) => fixed(db, 0));
    const { secondsPerPoint, gainDb: values } = trace;
    const series: Series = { values, startSeconds: secondsPerPoint / 2, secondsPerPoint, keep: "lowest" };
    const runs = timeRuns(series, x, y, HEIGHT);
    return plot({
      id: `reduction-${i}`,
      title: name,
      description: `Gain reduction of ${name} over time: ${figures}.`,
      unit: "dB",
      heightPx: HEIGHT,
      x,
      y,
      layers: [
        html`<path class="area reduction" d="${areaPath(runs, 0)}"/>`,
        html`<path class="line reduction" d="${linePath(runs)}"/>`,
      ],
      keys: [{ text: sentence(figures), style: "area reduction", shape: "area" }],
    });
  })}`;
}
