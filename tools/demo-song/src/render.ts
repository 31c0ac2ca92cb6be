/**
 * Renders the demo song's stems: `node tools/demo-song/src/render.ts [--out DIR] [--only NAME]…`
 *
 * Progress goes to stderr, a line a stem. Files are written under a temporary name and then renamed.
 */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { encode } from "./encode.ts";
import { renderStem, STEMS } from "./stems.ts";

const { values } = parseArgs({
  options: { out: { type: "string" }, only: { type: "string", multiple: true } },
});
const folder = values.out ? resolve(values.out) : join(import.meta.dirname, "../stems");
const chosen = values.only ? STEMS.filter((stem) => values.only!.includes(stem.name)) : STEMS;
if (chosen.length === 0) {
  console.error(
    `No stem is called ${values.only!.join(", ")}. There are: ${STEMS.map((s) => s.name).join(", ")}`,
  );
  process.exit(2);
}

await mkdir(folder, { recursive: true });
let total = 0;
for (const stem of chosen) {
  const channels = renderStem(stem);
  const bytes = await encode(channels, stem.rateHz, stem.format);
  const file = `${stem.name}.${stem.format.codec}`;
  await writeFile(join(folder, `${file}.part`), bytes);
  await rename(join(folder, `${file}.part`), join(folder, file));
  total += bytes.length;
  const seconds = (channels[0]!.length / stem.rateHz).toFixed(1);
  const shape = `${stem.rateHz} Hz ${stem.channels === 1 ? "mono" : "stereo"}`;
  console.error(
    `${file.padEnd(18)} ${shape.padEnd(16)} ${seconds.padStart(5)} s ${kilobytes(bytes.length)}  ${stem.role}`,
  );
}
console.error(`${chosen.length} stems, ${kilobytes(total).trim()}, in ${folder}`);

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0).padStart(6)} kB`;
}
