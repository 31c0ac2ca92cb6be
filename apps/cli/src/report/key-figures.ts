/** The figures a delivery is judged by, with a verdict in words, and all of them before and after. */
import { html, type Markup } from "./markup.ts";
import {
  CORRELATION,
  type Figure,
  figureText,
  INTEGRATED,
  MAX_MOMENTARY,
  MAX_SHORT_TERM,
  PLR,
  RANGE,
  SAMPLE_PEAK,
  TRUE_PEAK,
  unitText,
} from "./measurement-text.ts";
import { fixed, NOT_AVAILABLE, signed } from "./number-text.ts";
import type { ReportData } from "./report-data.ts";

/** EBU R 128: the deviation from the target that a programme may have. */
export const TOLERANCE_LU = 0.5;

export interface Verdict {
  /** Null where there is nothing to pass. */
  readonly pass: boolean | null;
  readonly text: string;
}

export function loudnessVerdict(integratedLufs: number | null, targetLufs: number): Verdict {
  const target = `target ${fixed(targetLufs)} LUFS`;
  if (integratedLufs === null) return { pass: false, text: `${target}, no loudness to measure` };
  const off = integratedLufs - targetLufs;
  return {
    pass: Math.abs(off) <= TOLERANCE_LU,
    text: `${target}, ${fixed(off) === "0.0" ? "met" : `off by ${signed(off)} LU`}`,
  };
}

export function ceilingVerdict(truePeakDbtp: number | null, ceilingDbtp: number): Verdict {
  const ceiling = `ceiling ${fixed(ceilingDbtp, 2)} dBTP`;
  if (truePeakDbtp === null || truePeakDbtp <= ceilingDbtp) return { pass: true, text: `${ceiling}, kept` };
  return { pass: false, text: `${ceiling}, over by ${fixed(truePeakDbtp - ceilingDbtp, 2)} dB` };
}

export function keyFigures({ mix, master, targetLufs, ceilingDbtp }: ReportData): Markup {
  const { integratedLufs, truePeakDbtp, correlation } = master.measurement;
  const none = (text: string): Verdict => ({ pass: null, text });
  const strip: readonly (readonly [Figure, Verdict])[] = [
    [INTEGRATED, loudnessVerdict(integratedLufs, targetLufs)],
    [TRUE_PEAK, ceilingVerdict(truePeakDbtp, ceilingDbtp)],
    [RANGE, none("loud to quiet passages")],
    [PLR, none("true peak minus integrated")],
    [CORRELATION, none(phaseWords(correlation))],
  ];
  return html`<dl class="strip">${strip.map(
    ([figure, { pass, text }]) => html`
<div>
<dt>${figure.name}</dt>
<dd><span class="before"><span class="visually-hidden">mix </span>${figureText(figure, mix.measurement)} <span aria-hidden="true">→</span><span class="visually-hidden"> ${unitText(figure, mix.measurement)}, master </span></span>
<b>${figureText(figure, master.measurement)}</b> <span class="unit">${unitText(figure, master.measurement)}</span></dd>
<dd class="verdict">${pass !== null && html`<strong class="${pass ? "pass" : "fail"}">${pass ? "Pass" : "Fail"}</strong> `}${text}</dd>
</div>`,
  )}
</dl>
`;
}

function phaseWords(correlation: number | null): string {
  if (correlation === null) return "of two channels only";
  return correlation < 0 ? "out of phase on the whole" : "in phase on the whole";
}

export function levelsTable({ mix, master, headroomTrimDb, driveDb }: ReportData): Markup {
  const figures = [
    INTEGRATED,
    MAX_SHORT_TERM,
    MAX_MOMENTARY,
    RANGE,
    TRUE_PEAK,
    SAMPLE_PEAK,
    PLR,
    CORRELATION,
  ];
  return html`<div class="levels-and-words"><div class="scroll"><table class="figures">
<caption>Mix before mastering, and master</caption>
<thead><tr><th scope="col">Measure</th><th scope="col" class="n">${mix.name}</th><th scope="col" class="n">${master.name}</th><th scope="col" class="n">Change</th></tr></thead>
<tbody>${figures.map((figure) => {
    const [before, after] = [figure.value(mix.measurement), figure.value(master.measurement)];
    const change = before === null || after === null ? NOT_AVAILABLE : signed(after - before, figure.digits);
    return html`
<tr><th scope="row">${figure.name} <small>${figure.unit || "−1 to +1"}</small></th><td class="n">${figureText(figure, mix.measurement)}</td><td class="n">${figureText(figure, master.measurement)}</td><td class="n">${change}</td></tr>`;
  })}
</tbody></table></div>
<p class="aside">${
    headroomTrimDb < 0
      ? `The mix was turned down by ${headroomTrimDb > -0.05 ? "less than 0.1" : fixed(-headroomTrimDb)} dB as a whole to leave headroom.`
      : "The mix was left at its level: it had headroom enough."
  } The loudness search settled on ${signed(driveDb)} dB of drive into the limiter.</p></div>
`;
}
