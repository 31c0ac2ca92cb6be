/** The report: one HTML file that needs nothing but itself, and is the same for the same data. */
import { automationCurves } from "./automation-curves.ts";
import { correlationChart } from "./correlation-chart.ts";
import { gainReductionCharts } from "./gain-reduction.ts";
import { graphDrawing } from "./graph-drawing.ts";
import { keyFigures, levelsTable, TOLERANCE_LU } from "./key-figures.ts";
import { loudnessChart } from "./loudness-chart.ts";
import { html, type Markup, type Part } from "./markup.ts";
import { clock, fixed, grouped, rateText } from "./number-text.ts";
import type { ReportData } from "./report-data.ts";
import { settings } from "./settings.ts";
import { spectrumCharts } from "./spectrum-chart.ts";
import { stemsTable } from "./stems-table.ts";
import { STYLES } from "./styles.ts";
import { waveforms } from "./waveform.ts";

/** Scripts, fonts and pictures from elsewhere would not load, and there are none. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

interface Section {
  readonly id: string;
  readonly heading: string;
  readonly body: Part;
}

/** Everything that `data` says, as a complete HTML document. Throws a RangeError for a number that is not finite. */
export function reportHtml(data: ReportData): string {
  const sections = sectionsOf(data);
  const page = html`
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Gainstage ${data.gainstageVersion}">
<title>${data.title}: mix and master report</title>
${STYLES}
</head>
<body>
<header>
<h1>${data.title}</h1>
<p class="facts">${facts(data)}</p>
${keyFigures(data)}
<nav aria-label="Sections"><ul>${sections.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(
  ({ id, heading, body }) => html`<section id="${id}">
<h2>${heading}</h2>
${body}</section>
`,
)}</main>
<footer>
${footer(data)}</footer>
</body>
</html>
`;
  return `<!doctype html>${page.text}`;
}

function sectionsOf(data: ReportData): readonly Section[] {
  const seconds = data.mix.measurement.frames / data.mix.sampleRateHz;
  const titled = (title: string): Part => data.graphs.length > 1 && html`<h3>${title}</h3>`;
  return [
    { id: "levels", heading: "Levels", body: levelsTable(data) },
    { id: "waveforms", heading: "Waveforms", body: waveforms(data) },
    { id: "loudness-over-time", heading: "Loudness", body: loudnessChart(data) },
    { id: "spectra", heading: "Spectrum", body: spectrumCharts(data) },
    { id: "gain-reduction", heading: "Gain reduction", body: gainReductionCharts(data) },
    { id: "stereo", heading: "Stereo", body: correlationChart(data) },
    { id: "stems", heading: "Stems", body: stemsTable(data.stems) },
    {
      id: "graphs",
      heading: "Node graphs",
      body: data.graphs.map((graph, i) => graphDrawing(graph, `graph-${i}`)),
    },
    {
      id: "automation",
      heading: "Automation",
      body: data.graphs
        .map((graph, i) => [titled(graph.title), automationCurves(graph, `graph-${i}`, seconds)])
        .filter((_, i) => i === 0 || (data.graphs[i].graph.lanes?.length ?? 0) > 0),
    },
    {
      id: "settings",
      heading: "Settings",
      body: data.graphs.map((graph) => [titled(graph.title), settings(graph)]),
    },
  ];
}

function facts({ mix, master, stems }: ReportData): string {
  const channels = master.measurement.channels === 1 ? "mono" : "stereo";
  return [
    clock(master.measurement.frames / master.sampleRateHz, 1),
    `${rateText(master.sampleRateHz)}${mix.sampleRateHz === master.sampleRateHz ? "" : ` (mix ${rateText(mix.sampleRateHz)})`}`,
    channels,
    ...(stems.length > 0 ? [`${stems.length} stems`] : []),
    `${grouped(master.measurement.frames)} frames`,
  ].join(" · ");
}

function footer({ gainstageVersion, notes, graphs }: ReportData): Markup {
  const ceilings = fixed(TOLERANCE_LU);
  return html`<section id="notes">
<h2>Notes</h2>
${notes.length > 0 && html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
<dl class="method">
<div><dt>Loudness</dt><dd>Integrated, momentary (0.4 s) and short-term (3 s) after ITU-R BS.1770-5 and EBU Tech 3341, K-weighted, gated at −70 LUFS and at −10 LU relative. Every 0.1 s on the chart; maxima from windows that slide by 10 ms. The target is met within ±${ceilings} LU, the tolerance of EBU R 128.</dd></div>
<div><dt>Loudness range</dt><dd>EBU Tech 3342: from the 10th to the 95th percentile of gated short-term loudness.</dd></div>
<div><dt>True peak</dt><dd>ITU-R BS.1770-5 Annex 2, oversampled; the highest of all channels.</dd></div>
<div><dt>PLR</dt><dd>Peak to loudness ratio: true peak minus integrated loudness, in dB.</dd></div>
<div><dt>Correlation</dt><dd>Of left and right, at no delay; the curve is over windows of 0.1 s.</dd></div>
<div><dt>Spectrum</dt><dd>Welch average with a Hann window, in sixth-octave bands; a full-scale sine reads 0 dBFS. The difference is taken at equal integrated loudness.</dd></div>
<div><dt>Gain reduction</dt><dd>The deepest of each hundredth of a second; “at work” is 0.1 dB or more.</dd></div>
<div><dt>Units</dt><dd>1 LU is 1 dB of loudness. ${graphs.length > 0 && "fr is frames, samples of one channel."} n/a: there is nothing to measure, or too little.</dd></div>
</dl>
<p class="version">Gainstage ${gainstageVersion}</p>
</section>
`;
}
