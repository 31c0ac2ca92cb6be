// Draws curve.svg: what the built plugin makes of every level from -1 to 1, measured while it runs, at a few drives.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadFolder, start, stream } from "@gainstage/conformance";

const DRIVES = [0, 1, 2, 5, 20];
const POINTS = 401;
const SIZE = 360;
const MARGIN = 40;

const plugin = await loadFolder(fileURLToPath(new URL(".", import.meta.url)));
const { name, params } = plugin.manifest;
const standard = params.find(({ id }) => id === "drive").default;
const levels = Float32Array.from({ length: POINTS }, (_, i) => (2 * i) / (POINTS - 1) - 1);

const across = (x) => (MARGIN + ((x + 1) / 2) * SIZE).toFixed(1);
const up = (y) => (MARGIN + ((1 - y) / 2) * SIZE).toFixed(1);
const line = (x1, y1, x2, y2) =>
  `<line x1="${across(x1)}" y1="${up(y1)}" x2="${across(x2)}" y2="${up(y2)}" stroke="#8884"/>`;
const label = (x, y, anchor, text) =>
  `<text x="${across(x)}" y="${up(y)}" text-anchor="${anchor}">${text}</text>`;

const curves = DRIVES.map((drive) => {
  const [output] = stream(start(plugin, { params: { drive } }), [levels, levels]);
  const points = Array.from(levels, (x, i) => `${across(x)},${up(output[i])}`).join(" ");
  const style = drive === standard ? 'stroke="#0a7" stroke-width="3"' : 'stroke="#888" stroke-width="1.5"';
  const at = Math.round(0.65 * (POINTS - 1));
  const drawn = `<polyline points="${points}" fill="none" ${style}/>`;
  return drawn + label(levels[at] + 0.03, output[at] - 0.05, "start", drive);
});
const grid = [-1, -0.5, 0, 0.5, 1].flatMap((at) => [
  line(-1, at, 1, at),
  line(at, -1, at, 1),
  label(at, -1.08, "middle", at),
  label(-1.03, at - 0.02, "end", at),
]);

const escaped = name.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const side = SIZE + 2 * MARGIN;
writeFileSync(
  new URL("curve.svg", import.meta.url),
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" width="${side}" height="${side}" role="img">
<title>${escaped}: level out over level in, at a drive of ${DRIVES.join(", ")}</title>
<g font-family="system-ui, sans-serif" font-size="11" fill="#888">
${[...grid, label(0, 1.06, "middle", "level out over level in, by drive"), ...curves].join("\n")}
</g>
</svg>
`,
);
console.log("curve.svg");
