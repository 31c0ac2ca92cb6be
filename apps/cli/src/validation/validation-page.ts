/** A validation as one page that needs nothing but itself: what was measured, drawn, and every check, what failed first. */
import type { CheckResult, MeasuredCard, ValidationReport } from "@gainstage/conformance/validate";
import { html, Markup, type Part } from "../report/markup.ts";
import { fixed, grouped, SILENCE } from "../report/number-text.ts";
import { linearAxis, linePath, type Plot, plot, runsOf } from "../report/plot.ts";
import { frequencyAxis } from "../report/spectrum-chart.ts";
import { STYLES } from "../report/styles.ts";
import { countsText, outcomeText, remarkOf, verdictText } from "./outcome-text.ts";
import { tailText } from "./terminal-report.ts";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** What the report's styles have no need of. */
const MORE_STYLES = new Markup(
  `<style>.verdict-line{font-size:16px;line-height:24px;margin:4px 0 0;font-weight:600}
.checks{width:100%}.checks td,.checks th{padding:6px 16px 6px 0;vertical-align:baseline}.checks th{white-space:nowrap}
.checks .id{font-weight:600;font-variant-numeric:tabular-nums;width:4ch}.checks .level{color:var(--muted);width:8ch}.checks .result{width:10ch;white-space:nowrap}
.checks .remark{color:var(--muted);overflow-wrap:anywhere}.result.failed{color:var(--fail);font-weight:600}.result.warned{color:var(--mix);font-weight:600}
.result.passed{color:var(--pass)}.result.waived,.result.not-run{color:var(--muted)}
.wrong{border:1px solid var(--rule);border-left:4px solid var(--c,var(--rule));border-radius:4px;padding:12px 16px;margin:0 0 16px}.wrong.failed{--c:var(--fail)}.wrong.warned{--c:var(--mix)}
.wrong h3{margin:0 0 4px}.wrong h3 .result{font-size:12px;margin-left:8px}.wrong p{margin:0;overflow-wrap:anywhere}
pre{background:var(--panel);border-radius:4px;padding:12px 16px;margin:8px 0 0;overflow-x:auto;font:12px/18px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;color:var(--ink)}
details.reproduction{margin:8px 0 0}h4.group{margin:24px 0 4px;font-size:14px}
@media (max-width:600px){.checks .level{display:none}}</style>`.replaceAll("\n", ""),
);

const HEIGHT = 264;

/** A complete HTML document. */
export function validationPage(report: ValidationReport): string {
  const { plugin, card, results } = report;
  const wrong = results
    .filter(({ outcome }) => outcome === "failed" || outcome === "warned")
    .toSorted((a, b) => (a.outcome === b.outcome ? 0 : a.outcome === "failed" ? -1 : 1));
  const page = html`
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${plugin.name} ${plugin.version}: validation</title>
${STYLES}${MORE_STYLES}
</head>
<body>
<header>
<h1>${plugin.name} ${plugin.version}</h1>
<p class="verdict-line"><span class="${report.ok && report.loads ? "pass" : "fail"}">${capital(verdictText(report))}</span></p>
<p class="facts">${[plugin.id, plugin.kind, `API ${plugin.api}`, countsText(report.counts)].join(" · ")}</p>
${card && figures(card)}
</header>
<main>
${wrong.length > 0 && html`<section id="wrong"><h2>What is wrong</h2>${wrong.map(problem)}</section>`}
${card && html`<section id="measured"><h2>Measured</h2>${curve(card)}${measurements(card)}</section>`}
<section id="checks"><h2>Checks</h2>
${groups(results)}</section>
</main>
<footer><section>
<p>Seed ${report.seed}; the same seed gives the same random cases. ${report.engine}; ${fixed(report.ms / 1000)} s.
${plugin.hash !== null && html`Content ${plugin.hash}.`}</p>
<p class="version">A check marked “must” is a promise that hosts rely on; “should” has exceptions, which a plugin can waive with a reason in its package.json; “info” measures and never fails.</p>
</section></footer>
</body>
</html>
`;
  return `<!doctype html>${page.text}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function figures(card: MeasuredCard): Markup {
  const ms = (frames: number) => fixed((frames / card.sampleRateHz) * 1000);
  const figure = (name: string, value: string, unit: string, more: string) =>
    html`<div><dt>${name}</dt><dd><b>${value}</b> <span class="unit">${unit}</span><span class="before">${more}</span></dd></div>`;
  const ring = card.ringFrames;
  return html`<dl class="strip">
${figure("Latency", grouped(card.latencyFrames), "frames", `${ms(card.latencyFrames)} ms`)}
${figure("Rings for", ring === null ? "> 20" : fixed(ring / card.sampleRateHz, 2), "s", "to −120 dB, at its defaults")}
${figure("THD+N", card.thdNoiseDb === null ? SILENCE : fixed(card.thdNoiseDb), "dB", "at 1 kHz, −6 dBFS")}
${figure("Speed", fixed(card.nsPerFrame.block128), "ns/frame", `${fixed(card.nsPerFrame.block512)} in blocks of 512`)}
${figure("Memory", String(Math.round(card.memoryBytes / 1024)), "KiB", "for each instance")}
</dl>`;
}

function measurements(card: MeasuredCard): Markup {
  const rows: readonly (readonly [string, string])[] = [
    ["Linear", card.linear ? "yes, to −100 dB" : "no"],
    ["Time-invariant", card.timeInvariant ? "yes, to −100 dB" : "no"],
    ["Tail", tailText(card)],
    ["Activation", `${fixed(card.activationMs, 2)} ms`],
    [
      "Share of one core",
      `${fixed(card.nsPerFrame.block128 * card.sampleRateHz * 1e-7, 2)} % at ${card.sampleRateHz / 1000} kHz in blocks of 128`,
    ],
  ];
  return html`<table><tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table>`;
}

function curve({ magnitude, transfer }: MeasuredCard): Part {
  if (magnitude) return magnitudePlot(magnitude);
  return transfer && transferPlot(transfer);
}

type Curve = NonNullable<MeasuredCard["magnitude"]>;

function magnitudePlot(curve: Curve): Markup {
  const present = curve.y.filter((db) => db !== null);
  const highest = Math.max(0, ...present);
  const lowest = Math.max(highest - 72, Math.min(0, ...present));
  const reach = Math.max(6, Math.ceil(Math.max(highest, -lowest) / 6) * 6 + 0);
  const y = linearAxis(
    lowest < -12 ? -reach : -Math.max(6, reach),
    Math.max(6, Math.ceil((highest + 1) / 6) * 6),
    reach > 24 ? 12 : 3,
    (db) => fixed(db, 0),
  );
  return drawing(curve, {
    id: "magnitude",
    title: "Magnitude response at its default parameters",
    description: `Gain in dB from 20 Hz to 20 kHz, between ${fixed(lowest)} and ${fixed(highest)} dB.`,
    unit: "dB",
    x: frequencyAxis(),
    y,
  });
}

function transferPlot(curve: Curve): Markup {
  const axis = linearAxis(-60, 6, 6, (db) => fixed(db, 0));
  const straight = linePath(
    runsOf(
      [-60, 0].map((db) => [axis.at(db), axis.at(db)] as const),
      HEIGHT,
    ),
  );
  const last = curve.y.at(-1) ?? null;
  return drawing(
    curve,
    {
      id: "transfer",
      title: "Static transfer curve at its default parameters, 1 kHz",
      description: `Level out over level in, from −60 to 0 dBFS; at 0 dBFS in, ${last === null ? "nothing" : `${fixed(last)} dBFS`} comes out.`,
      unit: "dBFS",
      x: axis,
      y: axis,
    },
    [html`<path class="line ink thin dash" d="${straight}"/>`],
  );
}

function drawing(
  curve: Curve,
  about: Omit<Plot, "heightPx" | "layers" | "keys">,
  under: readonly Markup[] = [],
): Markup {
  const points = curve.x.map((x, i) => {
    const y = curve.y[i];
    return y === null ? null : ([about.x.at(x), about.y.at(y)] as const);
  });
  const line = html`<path class="line master" d="${linePath(runsOf(points, HEIGHT))}"/>`;
  return plot({ ...about, heightPx: HEIGHT, layers: [...under, line], keys: [] });
}

function problem(result: CheckResult): Markup {
  return html`<article class="wrong ${result.outcome}">
<h3>${result.id} ${result.title} <span class="result ${classOf(result)}">${outcomeText(result)}</span></h3>
<p>${remarkOf(result)}</p>
${
  result.reproduction !== undefined &&
  html`<details class="reproduction"><summary>The smallest case in which it fails, as a test</summary><pre>${result.reproduction}</pre></details>`
}</article>`;
}

function classOf(result: CheckResult): string {
  return result.waived === undefined ? result.outcome : "waived";
}

function groups(results: readonly CheckResult[]): Part {
  return [...new Set(results.map((result) => result.group))].map(
    (group) => html`<h4 class="group">${group}</h4>
<table class="checks"><tbody>${results
      .filter((result) => result.group === group)
      .map(
        (
          result,
        ) => html`<tr><td class="id">${result.id}</td><td class="level">${result.level}</td><td class="result ${classOf(result)}">${outcomeText(result)}</td><td>${result.title}${remarkCell(result)}</td></tr>
`,
      )}</tbody></table>
`,
  );
}

function remarkCell(result: CheckResult): Part {
  const remark = remarkOf(result);
  return remark !== "" && html`<br><span class="remark">${remark}</span>`;
}
