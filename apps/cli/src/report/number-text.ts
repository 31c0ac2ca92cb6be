/** Numbers as the report writes them: a true minus, fixed digits, and a unit. */

const NARROW_SPACE = "\u202f";
/** No value: never measured, or it has no meaning here. */
export const NOT_AVAILABLE = "n/a";
export const SILENCE = "−∞";

/** "−14.0"; a value that rounds to zero has no sign. */
export function fixed(value: number, digits = 1): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** "+1.2", "−0.4", "0.0". */
export function signed(value: number, digits = 1): string {
  const text = fixed(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** "−14.0 LUFS", or `none` for null. */
export function withUnit(value: number | null, unit: string, digits = 1, none = NOT_AVAILABLE): string {
  return value === null ? none : `${fixed(value, digits)} ${unit}`;
}

/** A fader's or a send's gain: null is silence. */
export function gainText(gainDb: number | null): string {
  return `${gainDb === null ? SILENCE : signed(gainDb)} dB`;
}

/** A number that somebody else wrote, "-18 dB", with a true minus. */
export function trueMinus(text: string): string {
  return text.replace(/^-(?=[\d.])/, "−");
}

/** "1:16" on axes; "1:16.2" with a digit. */
export function clock(seconds: number, digits = 0): string {
  const unit = 10 ** digits;
  const rounded = Math.round(seconds * unit) / unit;
  const rest = (rounded % 60).toFixed(digits);
  return `${Math.floor(rounded / 60)}:${rest.padStart(digits === 0 ? 2 : 3 + digits, "0")}`;
}

/** "L 35 %", "centre", "R 100 %". */
export function panText(pan: number): string {
  const percent = Math.round(Math.abs(pan) * 100);
  if (percent === 0) return "centre";
  return `${pan < 0 ? "L" : "R"} ${percent} %`;
}

/** "240 fr, 5.0 ms" */
export function framesText(frames: number, sampleRateHz: number): string {
  return `${frames} fr, ${((frames / sampleRateHz) * 1000).toFixed(1)} ms`;
}

/** "48 kHz", "44.1 kHz" */
export function rateText(sampleRateHz: number): string {
  return `${Number((sampleRateHz / 1000).toFixed(3))} kHz`;
}

/** "3 657 600" */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, NARROW_SPACE);
}

/** At most `length` characters; what was longer ends in an ellipsis. */
export function shortened(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}
