/** `gainstage mix`: a session, or a folder of stems, to a mix. */
import { ScratchAudio } from "@gainstage/audio-io";
import { MAX_BLOCK_FRAMES } from "@gainstage/host";
import { deliver } from "@gainstage/mastering";
import { type MixRequest, renderMixTo } from "@gainstage/mixer";
import type { Command } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { collect, PLUGINS_HELP, timeRange, wholeNumber } from "../option-values.ts";
import { bitsOption, ditherOption, type OutputFlags, refuseTarget } from "../output-flags.ts";
import { refuseUnplayable } from "../session-plugins.ts";
import { openStems, sessionAt } from "../stems.ts";
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

/** Of the time a mix takes, how much is gone when it is mixed and must only be written. */
const MIXING = 0.95;

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
  // How far the mix is turned down for headroom is known at its end: until then it waits beside the file it is for.
  const scratch = await ScratchAudio.create(flags.output, 2);
  const mixing = new Progress("mix");
  host.events.on("progress", ({ framesDone, framesTotal }) =>
    mixing.update((MIXING * framesDone) / Math.max(1, framesTotal)),
  );
  try {
    const stems = await openStems(session, flags.stems ?? folder);
    const request: MixRequest = {
      session,
      stems: new Map(stems.map((stem) => [stem.strip.id, stem.source])),
      signal: interruption(),
      ...(flags.jobs !== undefined && { jobs: flags.jobs }),
      ...(flags.block !== undefined && { blockFrames: flags.block }),
      ...(flags.range && { rangeSeconds: flags.range }),
    };
    const mix = await renderMixTo(host, request, (channels) => scratch.write(channels));
    const { frames, sampleRateHz, headroomTrimDb } = mix;
    if (frames === 0) {
      throw new CommandError(
        ExitCode.BadInput,
        `there is nothing to mix in ${source}: it has no strip with sound, and no length`,
      );
    }
    const writeTo = async (write: (channels: readonly Float32Array[]) => Promise<void>) => {
      let written = 0;
      for await (const channels of scratch.pieces()) {
        request.signal?.throwIfAborted();
        mix.trim(channels);
        await write(channels);
        written += channels[0].length;
        mixing.update(MIXING + ((1 - MIXING) * written) / frames);
      }
    };
    const { clippedSamples } = await deliver(
      dspKernels(),
      flags.output,
      { channels: 2, frames, writeTo },
      sampleRateHz,
      { format: flags.bits, dither: flags.dither, force: flags.force ?? false },
    );
    if (clippedSamples > 0) warn(`${clippedSamples} samples were above full scale and were clipped`);
    const downDb = headroomTrimDb > -0.05 ? "less than 0.1" : (-headroomTrimDb).toFixed(1);
    const trim = headroomTrimDb < 0 ? `, turned down ${downDb} dB for headroom` : "";
    const what = `${stems.length} stems, ${(frames / sampleRateHz).toFixed(2)} s`;
    mixing.finish(`${flags.output}: ${what}${trim}`);
  } catch (error) {
    mixing.abandon();
    throw error;
  } finally {
    await scratch.discard();
  }
}
