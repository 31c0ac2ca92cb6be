/** What the terminal shows of the contests. */
import type { Absence, Result } from "./contest.ts";

export interface Report {
  /** Length of the audio that was asked for; W3 and W5 are no longer than a minute. */
  readonly seconds: number;
  readonly rounds: number;
  readonly results: readonly Result[];
  readonly absences: readonly Absence[];
  /** Name and version of the peers that took part. */
  readonly peers: readonly { readonly name: string; readonly version: string }[];
  /** What ffmpeg takes to read the source and do nothing; null without ffmpeg. */
  readonly emptyPassSeconds: number | null;
  readonly notes: readonly string[];
}

export function reportText(report: Report): string {
  const { rounds, results, absences, peers, emptyPassSeconds, notes } = report;
  const titles = ["workload", "audio", "ours", "each", "best peer", "its time", "ratio", "aim", ""];
  const rows = results.map(({ name, audioSeconds, seconds: own, nanoseconds, perWhat, best, aim, met }) => [
    name,
    `${audioSeconds} s`,
    `${own.toFixed(3)} s`,
    `${nanoseconds.toFixed(1)} ns/${perWhat === "frame" ? "frame" : "node·block"}`,
    best?.peer ?? "–",
    best ? `${best.seconds.toFixed(3)} s` : "",
    best?.ratio.toFixed(3) ?? "",
    aim.toFixed(2),
    met === null ? "no peer" : met ? "met" : "not met",
  ]);
  const lines = [
    `stereo at 48 kHz, medians of ${rounds} rounds taken in turn`,
    "",
    ...columns([titles, ...rows]),
    "",
    ...results.map(({ name, title, peers: all }) => `${name.padEnd(16)} ${title}${besides(all, rounds)}`),
    "",
    ...peers.map(({ name, version }) => `${name} ${version}`),
    ...(emptyPassSeconds === null
      ? []
      : [`ffmpeg with nothing to do: ${emptyPassSeconds.toFixed(3)} s, not subtracted`]),
    ...absences.map(({ peer, workload, reason }) => `skipped: ${peer}, ${workload}: ${reason}`),
    ...notes,
  ];
  return `${lines.join("\n")}\n`;
}

function besides(peers: Result["peers"], rounds: number): string {
  const each = peers.map(({ peer, seconds, ratio, isLimit, runs }) => {
    const remarks = [
      ...(isLimit ? ["the limit"] : []),
      ...(runs < rounds ? ["too slow to be run again"] : []),
    ];
    const remark = remarks.length > 0 ? ` (${remarks.join(", ")})` : "";
    return `\n    ${peer}${remark}: ${seconds.toFixed(3)} s, ratio ${ratio.toFixed(3)}`;
  });
  return each.join("");
}

/** Cells under one another, the first column left, the others right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}
