/** Average spectra of mix and master in sixth-octave bands, and what mastering changed apart from loudness. */
import { html, type Markup } from "./markup.ts";
import { fixed, signed } from "./number-text.ts";
import { type Axis, areaPath, linearAxis, linePath, plot, type Run, runsOf, type Tick } from "./plot.ts";
import type { AudioReport, ReportData } from "./report-data.ts";

const HEIGHT = 264;
const DIFFERENCE_HEIGHT = 144;
const LOWEST_HZ = 20;
const HIGHEST_HZ = 20_000;
const SPAN_DB = 66;
/** A band below this holds nothing that could be compared: dither, or a decoder's rounding. */
const EMPTY_DB = -100;

type Curve = readonly (readonly [centreHz: number, levelDb: number | null])[];

export function spectrumCharts({ mix, master }: ReportData): Markup {
  const before = levels(mix);
  const after = levels(master);
  const loudest = Math.max(-60, ...[...before, ...after].map(([, db]) => db ?? -60));
  const top = Math.ceil((loudest + 1) / 6) * 6;
  const y = linearAxis(top - SPAN_DB, top, 12, (db) => fixed(db, 0));
  const x = frequencyAxis();
  const change = difference(before, after, loudnessChangeDb(mix, master));
  const reachDb = Math.max(6, ...change.map(([, db]) => Math.ceil(Math.abs(db ?? 0) / 3) * 3));
  const stepDb = reachDb > 12 ? 6 : 3;
  const differenceAxis = linearAxis(-reachDb, reachDb, stepDb, (db) => signed(db, 0));
  const changeRuns = curveRuns(change, x, differenceAxis, DIFFERENCE_HEIGHT);
  return html`${plot({
    id: "spectrum",
    title: "Average spectrum, sixth-octave bands",
    description: `Level of each band from 20 Hz to 20 kHz. ${extremes("Mix", before)} ${extremes("Master", after)}`,
    unit: "dBFS",
    heightPx: HEIGHT,
    x,
    y,
    layers: [
      html`<path class="line mix dash" d="${linePath(curveRuns(before, x, y, HEIGHT))}"/>`,
      html`<path class="line master" d="${linePath(curveRuns(after, x, y, HEIGHT))}"/>`,
    ],
    keys: [
      { text: "Mix", style: "line mix dash" },
      { text: "Master", style: "line master" },
    ],
  })}${plot({
    id: "spectrum-change",
    title: "Master minus mix, at equal loudness",
    description: `What mastering changed in each band once the change of loudness is taken away. ${extremes("Change", change)}`,
    unit: "dB",
    heightPx: DIFFERENCE_HEIGHT,
    x,
    y: differenceAxis,
    layers: [
      html`<path class="area ink" d="${areaPath(changeRuns, DIFFERENCE_HEIGHT / 2)}"/>`,
      html`<path class="line ink" d="${linePath(changeRuns)}"/>`,
    ],
    keys: [],
  })}`;
}

function levels({ spectrum }: AudioReport): Curve {
  return Array.from(spectrum.centresHz, (hz, i) => {
    const power = spectrum.power[i];
    return [hz, power > 0 ? 10 * Math.log10(power) : null] as const;
  });
}

/** By integrated loudness, or by the power of all bands where one of the two has none. */
function loudnessChangeDb(mix: AudioReport, master: AudioReport): number {
  const [from, to] = [mix.measurement.integratedLufs, master.measurement.integratedLufs];
  if (from !== null && to !== null) return to - from;
  const [before, after] = [mix, master].map(({ spectrum }) => spectrum.power.reduce((a, b) => a + b, 0));
  return before > 0 && after > 0 ? 10 * Math.log10(after / before) : 0;
}

function difference(before: Curve, after: Curve, offsetDb: number): Curve {
  const byCentre = new Map(before.map(([hz, db]) => [hz, db]));
  return after.map(([hz, db]) => {
    const reference = byCentre.get(hz) ?? null;
    const comparable = db !== null && reference !== null && db > EMPTY_DB && reference > EMPTY_DB;
    return [hz, comparable ? db - reference - offsetDb : null] as const;
  });
}

function curveRuns(curve: Curve, x: Axis, y: Axis, heightPx: number): readonly Run[] {
  const points = curve.map(([hz, db]) => (db === null ? null : ([x.at(hz), y.at(db)] as const)));
  return runsOf(points, heightPx);
}

function extremes(name: string, curve: Curve): string {
  const present = curve.flatMap(([hz, db]) => (db === null ? [] : [{ hz, db }]));
  if (present.length === 0) return `${name}: silence.`;
  const most = present.reduce((a, b) => (b.db > a.db ? b : a));
  const least = present.reduce((a, b) => (b.db < a.db ? b : a));
  const place = ({ hz, db }: { hz: number; db: number }) => `${fixed(db)} dB at ${Math.round(hz)} Hz`;
  return `${name}: highest ${place(most)}, lowest ${place(least)}.`;
}

/** Logarithmic, with lines at the preferred octave frequencies of ISO 266. */
export function frequencyAxis(): Axis {
  const octaves = [31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000];
  const ticks = octaves.map(
    (value, i): Tick => ({
      value,
      text: value >= 1000 ? `${value / 1000} kHz` : `${value} Hz`,
      minor: i % 3 !== 2,
    }),
  );
  return { at: (hz) => Math.log(hz / LOWEST_HZ) / Math.log(HIGHEST_HZ / LOWEST_HZ), ticks };
}
