/** node tools/soak/src/main.ts [--where node|chromium] [--minutes 15] [--seed 1]: see README.md. */
import { parseArgs } from "node:util";
import { soakInChromium } from "./in-chromium.ts";
import { soakInNode } from "./run-in-node.ts";

const { values } = parseArgs({
  options: {
    where: { type: "string", default: "node" },
    minutes: { type: "string", default: "15" },
    seed: { type: "string", default: "1" },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed)) throw new RangeError("--minutes and --seed are numbers");
const where = { node: soakInNode, chromium: soakInChromium }[values.where];
if (!where) throw new RangeError(`--where is node or chromium, not "${values.where}"`);
const report = await where(minutes * 60, seed);
console.log(report.text);
process.exitCode = report.isGood ? 0 : 1;
