/** A validation on the terminal: a table of all checks, then what is wrong, each with the test that shows it. */
import type { CheckResult, MeasuredCard, ValidationReport } from "@gainstage/conformance/validate";
import { styled, table } from "../terminal.ts";
import { countsText, outcomeText, remarkOf, verdictText } from "./outcome-text.ts";

const STYLES = { passed: "green", failed: "red", warned: "yellow", "not-run": "dim" } as const;

export function terminalReport(report: ValidationReport): string {
  const { plugin, results, card, seed, engine } = report;
  const out = process.stdout;
  const heading = `${styled("bold", plugin.name, out)} ${plugin.version}, ${plugin.id}, ${plugin.kind}, API ${plugin.api}`;
  const wrong = results.filter(({ outcome }) => outcome === "failed" || outcome === "warned");
  const mark = report.ok && report.loads ? styled("green", "✓", out) : styled("red", "✗", out);
  return [
    heading,
    "",
    styled("bold", row("check", "level", "result", "a sound plugin …"), out),
    ...results.map((result) =>
      row(
        result.id,
        result.level,
        styled(STYLES[result.outcome], outcomeText(result).padEnd(7), out),
        titleOf(result),
      ),
    ),
    ...(card ? ["", cardText(card)] : []),
    ...wrong.flatMap((result) => ["", ...detailOf(result)]),
    ...report.idleWaivers.map((id) => `\nThe waiver of ${id} waives nothing: take it out of package.json.`),
    "",
    `${mark} ${plugin.id} ${verdictText(report)}: ${countsText(report.counts)}`,
    styled("dim", `seed ${seed}, ${engine}, ${(report.ms / 1000).toFixed(1)} s`, out),
  ].join("\n");
}

function row(id: string, level: string, result: string, title: string): string {
  return `${id.padEnd(5)}  ${level.padEnd(6)}  ${result.padEnd(7)}  ${title}`;
}

function titleOf(result: CheckResult): string {
  if (result.outcome === "passed" && result.message !== undefined)
    return `${result.title} ${styled("dim", `(${result.message})`, process.stdout)}`;
  if (result.outcome === "not-run")
    return `${result.title} ${styled("dim", `(${result.reason})`, process.stdout)}`;
  return result.title;
}

function detailOf(result: CheckResult): string[] {
  const name = styled(STYLES[result.outcome], `${result.id} ${outcomeText(result)}`, process.stdout);
  const lines = [`${name}: ${result.title}`, `  ${remarkOf(result)}`];
  if (result.reproduction !== undefined) {
    lines.push(
      "",
      ...result.reproduction
        .trimEnd()
        .split("\n")
        .map((line) => `    ${line}`.trimEnd()),
      "",
    );
    lines.push(`  The same as --case: ${JSON.stringify(result.case)}`);
  }
  return lines;
}

function cardText(card: MeasuredCard): string {
  const ms = (frames: number) => `${((frames / card.sampleRateHz) * 1000).toFixed(1)} ms`;
  const rows = [
    ["latency", `${card.latencyFrames} frames, ${ms(card.latencyFrames)}`],
    ["tail", tailText(card)],
    [
      "kind",
      `${card.linear ? "linear" : "not linear"}, ${card.timeInvariant ? "time-invariant" : "changing in time"}`,
    ],
    [
      "THD+N",
      card.thdNoiseDb === null ? "none to be measured" : `${card.thdNoiseDb.toFixed(1)} dB at 1 kHz, −6 dBFS`,
    ],
    [
      "speed",
      `${card.nsPerFrame.block128.toFixed(1)} ns per frame in blocks of 128, ${card.nsPerFrame.block512.toFixed(1)} in blocks of 512`,
    ],
    ["memory", `${Math.round(card.memoryBytes / 1024)} KiB an instance`],
    ["activation", `${card.activationMs.toFixed(2)} ms`],
  ];
  return table(
    [{ title: "measured" }, { title: `at its defaults and ${card.sampleRateHz / 1000} kHz` }],
    rows,
  );
}

export function tailText({
  tailFrames,
  ringFrames,
  sampleRateHz,
}: Pick<MeasuredCard, "tailFrames" | "ringFrames" | "sampleRateHz">): string {
  const seconds = (frames: number) => `${(frames / sampleRateHz).toFixed(3)} s`;
  const rings = ringFrames === null ? "rings for more than 20 s" : `rings for ${seconds(ringFrames)}`;
  if (tailFrames !== null) return `at most ${seconds(tailFrames)}; ${rings}`;
  // One setting is no proof of an end, and what has ended does not contradict what other settings may do.
  return ringFrames === 0
    ? "declared endless; does not ring at its defaults"
    : `declared endless; ${rings} at its defaults`;
}
