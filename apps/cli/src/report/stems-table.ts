/** What came in: each stem with its file and its figures, as it was before mixing. */
import { html, type Markup } from "./markup.ts";
import {
  CORRELATION,
  type Figure,
  figureText,
  INTEGRATED,
  PLR,
  RANGE,
  TRUE_PEAK,
} from "./measurement-text.ts";
import type { StemReport } from "./report-data.ts";

const QUIETEST_LUFS = -60;
const COLUMNS: readonly Figure[] = [RANGE, TRUE_PEAK, PLR, CORRELATION];
const HEADINGS = new Map<Figure, string>([
  [RANGE, "Range"],
  [TRUE_PEAK, "True peak"],
  [PLR, "PLR"],
]);

export function stemsTable(stems: readonly StemReport[]): Markup {
  if (stems.length === 0) return html`<p>No stems: a finished mix was mastered.</p>`;
  return html`<div class="scroll" role="region" aria-label="Stems" tabindex="0"><table class="figures stems">
<caption>Stems before mixing. Bars show integrated loudness from −60 to 0 LUFS.</caption>
<thead><tr><th scope="col">Stem</th><th scope="col">File</th><th scope="col" class="n">Integrated<small>LUFS</small></th><th scope="col"><span class="visually-hidden">Loudness bar</span></th>${COLUMNS.map(
    (figure) =>
      html`<th scope="col" class="n">${HEADINGS.get(figure) ?? figure.name}<small>${figure.unit || "−1 to +1"}</small></th>`,
  )}</tr></thead>
<tbody>${stems.map(({ name, file, measurement }) => {
    const share = Math.min(1, Math.max(0, 1 - (measurement.integratedLufs ?? QUIETEST_LUFS) / QUIETEST_LUFS));
    return html`
<tr><th scope="row">${name}</th><td class="file">${file}</td><td class="n">${figureText(INTEGRATED, measurement)}</td><td class="bar" aria-hidden="true"><span><i style="width:${(share * 100).toFixed(1)}%"></i></span></td>${COLUMNS.map(
      (figure) => html`<td class="n">${figureText(figure, measurement)}</td>`,
    )}</tr>`;
  })}
</tbody></table></div>
`;
}
