/** Stereo correlation over time: +1 is mono, 0 unrelated channels, below 0 what a mono playback loses. */
import { html, type Markup } from "./markup.ts";
import { CORRELATION, figureText } from "./measurement-text.ts";
import { signed } from "./number-text.ts";
import { linearAxis, linePath, plot, type Series, timeAxis, timeRuns } from "./plot.ts";
import type { AudioReport, ReportData } from "./report-data.ts";

const HEIGHT = 144;
/** Entry i is over the tenth of a second that starts at i / 10 s. */
const SECONDS_PER_POINT = 0.1;

export function correlationChart({ mix, master }: ReportData): Markup {
  if (mix.correlation.length === 0 && master.correlation.length === 0) {
    return html`<p>Mono material has no stereo correlation.</p>`;
  }
  const x = timeAxis(Math.max(...[mix, master].map((a) => a.measurement.frames / a.sampleRateHz)));
  const y = linearAxis(-1, 1, 0.5, (value) => signed(value, 1));
  const curve = ({ correlation: values }: AudioReport) => {
    const startSeconds = SECONDS_PER_POINT / 2;
    const series: Series = { values, startSeconds, secondsPerPoint: SECONDS_PER_POINT, keep: "lowest" };
    return linePath(timeRuns(series, x, y, HEIGHT));
  };
  const overall = (audio: AudioReport) => figureText(CORRELATION, audio.measurement);
  return plot({
    id: "correlation",
    title: "Stereo correlation over time, −1 to +1",
    description: `From −1 to +1. Over the whole song: mix ${overall(mix)}, master ${overall(master)}.`,
    unit: "",
    heightPx: HEIGHT,
    x,
    y,
    layers: [
      html`<path class="line master" d="${curve(master)}"/>`,
      html`<path class="line mix dash" d="${curve(mix)}"/>`,
    ],
    keys: [
      { text: `Mix, ${overall(mix)} overall`, style: "line mix dash" },
      { text: `Master, ${overall(master)} overall`, style: "line master" },
    ],
  });
}
