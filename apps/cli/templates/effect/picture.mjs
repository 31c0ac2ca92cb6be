// Draws curve.svg: what the built plugin makes of every level from -1 to 1, measured while it runs: at its defaults, and
// with its first continuous parameter over its range. Whatever parameters plugin.json has, it draws.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadFolder, start, stream } from "@gainstage/conformance";
import { formatParam, fromKnob } from "@gainstage/plugin-api";

const KNOBS = [0, 0.25, 0.5, 0.75, 1];
const POINTS = 401;
const SIZE = 360;
const MARGIN = 40;

const plugin = await loadFolder(fileURLToPath(new URL(".", import.meta.url)));
const { name, params } = plugin.manifest;
const moved = params.find(
  ({ choices, step, unit, role, applies }) =>
    !choices && step === undefined && unit !== "bool" && role === undefined && applies !== "restart",
);
const values = moved ? [...new Set([...KNOBS.map((knob) => fromKnob(moved, knob)), moved.default])] : [];
const settings = moved ? values.sort((a, b) => a - b).map((value) => ({ [moved.id]: value })) : [{}];
const levels = Float32Array.from({ length: POINTS }, (_, i) => (2 * i) / (POINTS - 1) - 1);

/** The first channel that comes of `levels` in every channel, latency removed; what is not a number counts as silence. */
function measured(setting) {
  const processor = start(plugin, { params: setting });
  const signal = new Float32Array(POINTS + processor.latencyFrames);
  signal.set(levels);
  const [output] = stream(processor, [signal]);
  return output.slice(processor.latencyFrames).map((x) => (Number.isFinite(x) ? x : 0));
}

const across = (x) => (MARGIN + ((x + 1) / 2) * SIZE).toFixed(1);
const up = (y) => (MARGIN + ((1 - y) / 2) * SIZE).toFixed(1);
const line = (x1, y1, x2, y2) =>
  `<line x1="${across(x1)}" y1="${up(y1)}" x2="${across(x2)}" y2="${up(y2)}" stroke="#8884"/>`;
const escaped = (text) => String(text).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const label = (x, y, anchor, text) =>
  `<text x="${across(x)}" y="${up(y)}" text-anchor="${anchor}">${escaped(text)}</text>`;

const curves = settings.map((setting) => {
  const output = measured(setting);
  const points = Array.from(levels, (x, i) => `${across(x)},${up(output[i])}`).join(" ");
  const isDefault = !moved || setting[moved.id] === moved.default;
  const style = isDefault ? 'stroke="#0a7" stroke-width="3"' : 'stroke="#888" stroke-width="1.5"';
  const at = Math.round(0.65 * (POINTS - 1));
  const drawn = `<polyline points="${points}" fill="none" ${style}/>`;
  if (!moved) return drawn;
  return drawn + label(levels[at] + 0.03, output[at] - 0.05, "start", formatParam(moved, setting[moved.id]));
});
const grid = [-1, -0.5, 0, 0.5, 1].flatMap((at) => [
  line(-1, at, 1, at),
  line(at, -1, at, 1),
  label(at, -1.08, "middle", at),
  label(-1.03, at - 0.02, "end", at),
]);

const title = `level out over level in, ${moved ? `by ${moved.name.toLowerCase()}` : "at the defaults"}`;
const side = SIZE + 2 * MARGIN;
writeFileSync(
  new URL("curve.svg", import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" width="${side}" height="${side}" role="img">
<title>${escaped(`${name}: ${title}`)}</title>
<g font-family="system-ui, sans-serif" font-size="11" fill="#888">
${[...grid, label(0, 1.06, "middle", title), ...curves].join("\n")}
</g>
</svg>
`,
);
console.log("curve.svg");
