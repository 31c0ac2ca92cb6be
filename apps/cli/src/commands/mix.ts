/** `gainstage mix`: a session, or a folder of stems, to a mix. */

import { MAX_BLOCK_FRAMES } from "@gainstage/host";
import { deliver } from "@gainstage/mastering";
import { renderMix } from "@gainstage/mixer";
import type { Command } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { collect, PLUGINS_HELP, timeRange, wholeNumber } from "../option-values.ts";
import { bitsOption, ditherOption, type OutputFlags, refuseTarget } from "../output-flags.ts";
import { refuseUnplayable } from "../session-plugins.ts";
import { readStems, sessionAt } from "../stems.ts";
import { Progress, warn } from "../terminal.ts";
import { dspKernels, type HostFlags, hostFor, interruption } from "../workplace.ts";

interface Flags extends OutputFlags, HostFlags {
  readonly output: string;
  readonly stems?: string;
  readonly range?: readonly [number, number];
  readonly jobs?: number;
  readonly block?: number;
  readonly rate: number;
}

export function registerMix(program: Command): void {
  program
    .command("mix")
    .description("render a session, or a folder of stems with default strips")
    .argument("<session|dir>", "session file, or folder of audio files")
    .requiredOption("-o, --output <out.wav>", "file to write")
    .option("--stems <dir>", "where the session's sources are; default: beside it")
    .option("--range <a-b>", "only from second a to second b", timeRange)
    .option("--jobs <n>", "threads; never changes the result", wholeNumber(1, 64), 1)
    .option("--block <frames>", "block size; never changes the result", wholeNumber(1, MAX_BLOCK_FRAMES))
    .option("--rate <hz>", "sample rate for a folder of stems", wholeNumber(8000, 768_000), 48_000)
    .addOption(bitsOption("32f"))
    .addOption(ditherOption())
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--trust-modules", "run plugins that are JavaScript")
    .option("-f, --force", "replace an existing file")
    .action(run);
}

async function run(source: string, flags: Flags): Promise<void> {
  const host = hostFor(flags);
  const { session, folder } = await sessionAt(source, flags.rate);
  // What the session asks of plugins is checked before any sound is read.
  refuseUnplayable(host.catalog, session, source);
  await refuseTarget(flags.output, flags.force);
  const reading = new Progress("read stems");
  let stems: Awaited<ReturnType<typeof readStems>>;
  try {
    stems = await readStems(session, flags.stems ?? folder, (done, total) => reading.update(done / total));
  } catch (error) {
    reading.abandon();
    throw error;
  }
  reading.finish(`${stems.length} stems`);
  const mixing = new Progress("mix");
  host.events.on("progress", ({ framesDone, framesTotal }) =>
    mixing.update(framesDone / Math.max(1, framesTotal)),
  );
  try {
    const mix = await renderMix(host, {
      session,
      stems: new Map(stems.map(({ strip, channels }) => [strip.id, channels])),
      signal: interruption(),
      ...(flags.jobs !== undefined && { jobs: flags.jobs }),
      ...(flags.block !== undefined && { blockFrames: flags.block }),
      ...(flags.range && { rangeSeconds: flags.range }),
    });
    if (mix.frames === 0) {
      throw new CommandError(
        ExitCode.BadInput,
        `there is nothing to mix in ${source}: it has no strip with sound, and no length`,
      );
    }
    const { clippedSamples } = await deliver(dspKernels(), flags.output, mix.channels, mix.sampleRateHz, {
      format: flags.bits,
      dither: flags.dither,
      force: flags.force ?? false,
    });
    if (clippedSamples > 0) warn(`${clippedSamples} samples were above full scale and were clipped`);
    const trim =
      mix.headroomTrimDb < 0 ? `, turned down ${(-mix.headroomTrimDb).toFixed(1)} dB for headroom` : "";
    mixing.finish(`${flags.output}: ${(mix.frames / mix.sampleRateHz).toFixed(2)} s${trim}`);
  } catch (error) {
    mixing.abandon();
    throw error;
  }
}
