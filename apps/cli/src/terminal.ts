/** What the user sees while work goes on: messages and progress on stderr, tables on stdout. */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Text with a style, plain where the stream is no terminal or NO_COLOR is set. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stderr): string {
  return styleText(style, text, { stream });
}

export function warn(text: string): void {
  process.stderr.write(`${styled("yellow", "warning:")} ${text}\n`);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

const BAR_COLUMNS = 24;
const REDRAW_MS = 80;
/** How often a log that is no terminal hears of long work. */
const PLAIN_MS = 10_000;

/** One line for one stage of work, redrawn on a terminal; off it, a line at the end and one every ten seconds. */
export class Progress {
  readonly #label: string;
  readonly #live = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  readonly #started = performance.now();
  #drawn = 0;

  constructor(label: string) {
    this.#label = label;
    this.#drawn = this.#live ? 0 : this.#started;
    this.update(0);
  }

  /** `done` from 0 to 1. */
  update(done: number, detail = ""): void {
    const now = performance.now();
    if (now - this.#drawn < (this.#live ? REDRAW_MS : PLAIN_MS)) return;
    this.#drawn = now;
    const percent = `${Math.floor(done * 100)}`.padStart(3);
    const left = done > 0.02 ? ((now - this.#started) * (1 - done)) / done / 1000 : undefined;
    const time = left === undefined ? "" : `  ${clock(left)} left`;
    if (!this.#live) {
      process.stderr.write(`${this.#label}: ${percent.trim()} %${time}\n`);
      return;
    }
    const filled = Math.round(done * BAR_COLUMNS);
    const bar = styled("cyan", "━".repeat(filled)) + styled("dim", "─".repeat(BAR_COLUMNS - filled));
    const line = `${this.#label.padEnd(18)} ${bar} ${percent} %${time}${detail === "" ? "" : `  ${detail}`}`;
    process.stderr.write(`\r\x1b[2K${line}`);
  }

  /** The stage is over; `summary` says what came of it. */
  finish(summary: string): void {
    const seconds = (performance.now() - this.#started) / 1000;
    if (this.#live) process.stderr.write("\r\x1b[2K");
    const mark = styled("green", "✓");
    process.stderr.write(
      `${mark} ${this.#label.padEnd(18)} ${summary} ${styled("dim", `(${seconds.toFixed(1)} s)`)}\n`,
    );
  }

  /** Clears the line, for an error to be printed. */
  abandon(): void {
    if (this.#live) process.stderr.write("\r\x1b[2K");
  }
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Rows under their titles, columns as wide as their widest cell. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) =>
    Math.max(column.title.length, ...rows.map((row) => [...row[i]].length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (columns[i].align === "right" ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join("  ")
      .trimEnd();
  const head = styled("bold", line(columns.map((column) => column.title)), process.stdout);
  const rule = styled("dim", "─".repeat(widths.reduce((sum, w) => sum + w + 2, -2)), process.stdout);
  return [head, rule, ...rows.map(line)].join("\n");
}

/** "−14.0", "−∞" for null. */
export function decibels(value: number | null, digits = 1): string {
  if (value === null) return "−∞";
  return value.toFixed(digits).replace("-", "−");
}
