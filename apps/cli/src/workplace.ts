/** What the commands share: the host, the kernels, reading files at a rate, and the signal of Ctrl+C. */
import { readFileSync } from "node:fs";
import { type AudioFile, readAudioFile } from "@gainstage/audio-io";
import { DspKernels, kernelsUrl, resample } from "@gainstage/dsp";
import { createHost, type Host } from "@gainstage/host";
import { warn } from "./terminal.ts";

export interface HostFlags {
  readonly plugins?: readonly string[];
  readonly trustModules?: boolean;
}

/** A host that tells the user about plugins it refused and plugins that failed. */
export function hostFor(flags: HostFlags): Host {
  const host = createHost({
    pluginFolders: [...(flags.plugins ?? []), ...environmentFolders()],
    trustModules: flags.trustModules ?? false,
  });
  for (const refused of host.catalog.refused) warn(refused.message);
  host.events.on("fault", ({ node, message, heard }) => {
    const instead = heard === "bypass" ? "its input is heard instead" : "silence is heard instead";
    warn(`${message} (node ${node}); it was switched off and ${instead}`);
  });
  return host;
}

/** GAINSTAGE_PLUGIN_PATH, separated as PATH is. */
function environmentFolders(): string[] {
  const separator = process.platform === "win32" ? ";" : ":";
  return (process.env.GAINSTAGE_PLUGIN_PATH ?? "").split(separator).filter((folder) => folder !== "");
}

let kernels: DspKernels | undefined;

export function dspKernels(): DspKernels {
  kernels ??= DspKernels.instantiate(readFileSync(kernelsUrl));
  return kernels;
}

/** Reads a file, at `sampleRateHz` if given. Warns of what was wrong with it. Throws an InputError. */
export async function readAudio(path: string, sampleRateHz?: number): Promise<AudioFile> {
  const file = await readAudioFile(
    path,
    sampleRateHz === undefined
      ? {}
      : {
          resampleTo: {
            sampleRateHz,
            resample: (channels, fromHz, toHz) => resample(channels, fromHz, toHz, dspKernels()),
          },
        },
  );
  for (const text of file.info.warnings) warn(`${path}: ${text}`);
  return file;
}

/** Aborted by the first Ctrl+C; the second ends the process at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => {
    process.once("SIGINT", () => process.exit(130));
    controller.abort(new DOMException("interrupted", "AbortError"));
  });
  return controller.signal;
}
