/**
 * The frame of every chart: a drawing that stretches with the page, with its labels beside it as text, so that they
 * keep their size on a phone and on paper.
 *
 *   unit                 keys
 *   label │ svg, WIDTH × heightPx units, stretched in x
 *         └ labels
 */
import { html, type Markup } from "./markup.ts";
import { clock } from "./number-text.ts";

/** Units across a drawing, and the most points that a line has. */
export const WIDTH = 1200;

export interface Tick {
  readonly value: number;
  readonly text: string;
  /** Left out where there is little room. */
  readonly minor?: boolean;
  /** Drawn stronger: zero, or full scale. */
  readonly strong?: boolean;
}

export interface Axis {
  /** From 0 (left, or bottom) to 1. */
  readonly at: (value: number) => number;
  readonly ticks: readonly Tick[];
}

export interface Key {
  readonly text: string;
  /** The class of the line or area that it stands for. */
  readonly style: string;
  readonly shape?: "line" | "area";
}

export interface Plot {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What is to be seen, for those who cannot. */
  readonly description: string;
  readonly unit: string;
  readonly heightPx: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly layers: readonly Markup[];
  readonly keys: readonly Key[];
}

export function plot({ id, title, description, unit, heightPx, x, y, layers, keys }: Plot): Markup {
  const percent = (share: number) => `${Number((share * 100).toFixed(2))}%`;
  const top = (value: number) => round(heightPx * (1 - y.at(value)));
  const left = (value: number) => round(WIDTH * x.at(value));
  const strength = (tick: Tick) => (tick.strong ? "grid strong" : "grid");
  return html`<figure class="chart">
<figcaption><span class="unit">${unit}</span><span class="chart-title">${title}</span><span class="keys">${keys.map(
    (key) => html`<span class="key">${swatch(key)}${key.text}</span>`,
  )}</span></figcaption>
<div class="plot" style="--h:${heightPx}px">
<div class="y-labels" aria-hidden="true">${y.ticks.map(
    (tick) => html`<span style="top:${percent(1 - y.at(tick.value))}">${tick.text}</span>`,
  )}</div>
<svg viewBox="0 0 ${WIDTH} ${heightPx}" preserveAspectRatio="none" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>
${y.ticks.map((tick) => html`<path class="${strength(tick)}" d="M0 ${top(tick.value)}H${WIDTH}"/>`)}
${x.ticks.map((tick) => html`<path class="${strength(tick)}" d="M${left(tick.value)} 0V${heightPx}"/>`)}
${layers}</svg>
<div class="x-labels" aria-hidden="true">${x.ticks.map(
    (tick) =>
      html`<span class="${tick.minor ? "minor" : "major"}" style="left:${percent(x.at(tick.value))}">${tick.text}</span>`,
  )}</div>
</div>
</figure>
`;
}

function swatch({ style, shape = "line" }: Key): Markup {
  const drawing =
    shape === "line"
      ? html`<path class="${style}" d="M0 6H28"/>`
      : html`<path class="${style}" d="M4 0H24V12H4Z"/>`;
  return html`<svg class="swatch" viewBox="0 0 28 12" aria-hidden="true">${drawing}</svg>`;
}

/** Tenths of a unit are finer than a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** An axis of evenly spaced values, a tick at each multiple of `step`. */
export function linearAxis(min: number, max: number, step: number, text: (value: number) => string): Axis {
  const first = Math.ceil(min / step - 1e-9);
  const count = Math.floor(max / step + 1e-9) - first + 1;
  const ticks = Array.from({ length: count }, (_, i): Tick => {
    const value = (first + i) * step;
    return { value, text: text(value), ...(value === 0 && { strong: true }) };
  });
  return { at: (value) => (value - min) / (max - min), ticks };
}

const TIME_STEPS_SECONDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

/** From the song's start to its end, at most ten ticks. */
export function timeAxis(seconds: number): Axis {
  const end = Math.max(seconds, 0.1);
  const step = TIME_STEPS_SECONDS.find((s) => end / s <= 10) ?? Math.ceil(end / 36_000) * 3600;
  const axis = linearAxis(0, end, step, (value) => clock(value, step < 1 ? 1 : 0));
  return {
    at: axis.at,
    ticks: axis.ticks.map(({ value, text }, i) => ({ value, text, minor: i % 2 === 1 })),
  };
}

/** What a curve says at points evenly spaced in time. */
export interface Series {
  readonly values: readonly (number | null)[];
  /** When the first value holds. */
  readonly startSeconds: number;
  readonly secondsPerPoint: number;
  /** Of several values in one column: the highest, or the lowest. */
  readonly keep: "highest" | "lowest";
}

/** Points of a drawing, in its units, that belong to one line. */
export type Run = readonly (readonly [x: number, y: number])[];

/** The lines through `series`: a new one after each stretch without a value. */
export function timeRuns(series: Series, x: Axis, y: Axis, heightPx: number): readonly Run[] {
  const { values, startSeconds, secondsPerPoint, keep } = series;
  const pick = keep === "highest" ? Math.max : Math.min;
  const perColumn = Math.max(1, Math.ceil(values.length / WIDTH));
  const points: (readonly [number, number] | null)[] = [];
  for (let i = 0; i < values.length; i += perColumn) {
    const column = values.slice(i, i + perColumn);
    const present = column.filter((value) => value !== null);
    const seconds = startSeconds + (i + (column.length - 1) / 2) * secondsPerPoint;
    points.push(present.length === 0 ? null : [x.at(seconds), y.at(present.reduce((a, b) => pick(a, b)))]);
  }
  return runsOf(points, heightPx);
}

/** Points from 0 to 1 on both axes, null where the line is broken; kept inside the drawing. */
export function runsOf(
  points: readonly (readonly [number, number] | null)[],
  heightPx: number,
): readonly Run[] {
  const runs: (readonly [number, number])[][] = [[]];
  for (const point of points) {
    if (point) {
      const share = Math.min(1, Math.max(0, point[1]));
      runs[runs.length - 1].push([round(point[0] * WIDTH), round(heightPx * (1 - share))]);
    } else if (runs[runs.length - 1].length > 0) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

/** A lone point is drawn as a dash of one unit. */
export function linePath(runs: readonly Run[]): string {
  return runs.map((run) => (run.length === 1 ? `M${pairs(run)}h1` : `M${pairs(run)}`)).join("");
}

/** What lies between the lines and `base`. */
export function areaPath(runs: readonly Run[], base: number): string {
  return runs.map((run) => `M${run[0][0]} ${base} ${pairs(run)} ${run[run.length - 1][0]} ${base}Z`).join("");
}

/** Further pairs after an M are lines. */
function pairs(run: Run): string {
  return run.map(([x, y]) => `${x} ${y}`).join(" ");
}
