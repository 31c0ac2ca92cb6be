/** `gainstage plugin bench`: what plugins cost, measured in turn, so that a machine that slows down slows all of them. */
import { MAX_BLOCK_FRAMES, type PluginCode, readCode, shortName } from "@gainstage/host";
import { type Command, InvalidArgumentError } from "commander";
import { parseFx } from "../fx-text.ts";
import { collect, PLUGINS_HELP, wholeNumber } from "../option-values.ts";
import { Progress, table } from "../terminal.ts";
import { type HostFlags, hostFor } from "../workplace.ts";

interface Flags extends HostFlags {
  readonly block: readonly number[];
  readonly rate: number;
  readonly rounds: number;
  readonly json?: boolean;
}

/** One line of the result. */
interface Measured {
  readonly plugin: string;
  /** As it was typed, with its parameters. */
  readonly setting: string;
  readonly blockFrames: number;
  readonly nsPerFrame: number;
  /** Seconds of audio in a second, by one of it on one core. */
  readonly timesRealTime: number;
  /** Over the first plugin named, at the same block: the median of the rounds' ratios. Below 1 is faster. */
  readonly ratio: number;
}

export function registerPluginBench(plugin: Command): void {
  plugin
    .command("bench")
    .description("what plugins cost in nanoseconds a frame, side by side in one run")
    .argument(
      "<id[:param=value,...]...>",
      "plugins, with the parameters to try; the first is compared against",
    )
    .option("--block <frames,...>", "block sizes", blockSizes, [64, 512])
    .option("--rate <hz>", "sample rate", wholeNumber(8000, 768_000), 48_000)
    .option("--rounds <number>", "rounds, whose median counts", wholeNumber(1, 1000), 5)
    .option("--json", "print one JSON object")
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--trust-modules", "run plugins that are JavaScript")
    .addHelpText(
      "after",
      "\nExample:\n  gainstage plugin bench compressor compressor:lookaheadMs=5 --block 64,128,1024",
    )
    .action(bench);
}

function blockSizes(text: string): number[] {
  return text.split(",").map((size) => {
    const frames = Number(size);
    if (Number.isInteger(frames) && frames >= 1 && frames <= MAX_BLOCK_FRAMES) return frames;
    throw new InvalidArgumentError(`Each must be a whole number from 1 to ${MAX_BLOCK_FRAMES}.`);
  });
}

async function bench(settings: readonly string[], flags: Flags): Promise<void> {
  const host = hostFor(flags, true);
  const subjects: {
    readonly setting: string;
    readonly code: PluginCode;
    readonly params: Readonly<Record<string, number>>;
  }[] = [];
  for (const setting of settings) {
    const { manifest, params } = parseFx(host, setting);
    subjects.push({ setting, code: readCode(host.catalog.find(manifest.id), host.loading), params });
  }
  const lines = flags.block.flatMap((blockFrames) =>
    subjects.map((subject, index) => ({ ...subject, index, blockFrames, ns: [] as number[] })),
  );
  const { SpeedThread } = await import("@gainstage/conformance/validate");
  const thread = new SpeedThread(
    subjects.map(({ code }) => code),
    flags.rate,
  );
  const progress = new Progress("bench");
  try {
    for (let round = 0; round < flags.rounds; round++) {
      for (const [i, { index, params, blockFrames, ns }] of lines.entries()) {
        ns.push(await thread.nsPerFrame({ index, params, blockFrames }));
        progress.update((round * lines.length + i + 1) / (flags.rounds * lines.length));
      }
    }
  } finally {
    await thread.close();
  }
  progress.finish(`${flags.rounds} rounds`);
  const measured = lines.map(({ code, setting, blockFrames, ns }, i): Measured => {
    const first = lines[i - (i % subjects.length)];
    return {
      plugin: code.manifest.id,
      setting,
      blockFrames,
      nsPerFrame: median(ns),
      timesRealTime: 1e9 / (median(ns) * flags.rate),
      ratio: median(ns.map((value, round) => value / first.ns[round])),
    };
  });
  if (flags.json) {
    process.stdout.write(
      `${JSON.stringify({ sampleRateHz: flags.rate, rounds: flags.rounds, results: measured })}\n`,
    );
  } else process.stdout.write(`${benchTable(measured)}\n`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function benchTable(measured: readonly Measured[]): string {
  const columns = [
    { title: "plugin" },
    ...["block", "ns per frame", "× real time", "ratio"].map((title) => ({ title, align: "right" as const })),
  ];
  const rows = measured.map(({ plugin, setting, blockFrames, nsPerFrame, timesRealTime, ratio }) => [
    setting.includes(":") ? setting : shortName(plugin),
    String(blockFrames),
    nsPerFrame.toFixed(1),
    timesRealTime.toFixed(0),
    ratio.toFixed(2),
  ]);
  return table(columns, rows);
}
