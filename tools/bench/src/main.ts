/**
 * The benchmarks: W1 to W5 beside what a user would pick instead, or with --scale how our own cost grows.
 *
 *   node tools/bench/src/main.ts [--rounds 5] [--seconds 60] [--only W1,W3] [--no-peers] [--peers-from DIR] [--json]
 *   node tools/bench/src/main.ts --scale [--rounds 5] [--json]
 *
 * The table goes to stdout, progress to stderr.
 */
import { parseArgs } from "node:util";
import { runContests } from "./contests.ts";
import { reportText } from "./report.ts";
import { scaleReport, scaleText } from "./scale/scale-report.ts";
import { WORKLOADS } from "./workloads.ts";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "60" },
    only: { type: "string", default: WORKLOADS.map(({ id }) => id).join(",") },
    peers: { type: "boolean", default: true },
    "peers-from": { type: "string", default: "." },
    scale: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
  allowNegative: true,
});

// So that files are cleared away (material.ts) also after Ctrl+C.
process.once("SIGINT", () => process.exit(130));

const tell = (doing: string) => process.stderr.write(`${doing}\n`);
const rounds = Number(flags.rounds);
const report = flags.scale
  ? await scaleReport(rounds, tell)
  : await runContests(
      {
        rounds,
        seconds: Number(flags.seconds),
        workloads: WORKLOADS.filter(({ id }) => flags.only.split(",").includes(id)),
        peersFrom: flags.peers ? flags["peers-from"] : undefined,
      },
      tell,
    );
process.stdout.write(
  flags.json ? `${JSON.stringify(report)}\n` : "results" in report ? reportText(report) : scaleText(report),
);
