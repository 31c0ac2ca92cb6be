/** What the commands share: the host, the kernels, reading files at a rate, and the signal of Ctrl+C. */
import { existsSync, readFileSync } from "node:fs";
import { type AudioFile, readAudioFile } from "@gainstage/audio-io";
import { DspKernels, kernelsUrl, resample } from "@gainstage/dsp";
import {
  createHost,
  environmentPlugins,
  type Host,
  Quarantine,
  quarantineFile,
  userPluginFolder,
} from "@gainstage/host";
import { say, warn } from "./terminal.ts";

export interface HostFlags {
  readonly plugins?: readonly string[];
  readonly trustModules?: boolean;
}

/** A host that tells the user about plugins it refused, unless told to be `quiet` about these, and plugins that failed. */
export function hostFor(flags: HostFlags, quiet = false): Host {
  const host = createHost({
    pluginFolders: [...(flags.plugins ?? []), ...environmentPlugins().filter((path) => isThere(path, quiet))],
    userFolder: userPluginFolder(),
    project: process.cwd(),
    quarantine: userQuarantine(),
    trustModules: flags.trustModules ?? false,
  });
  for (const { code, message } of host.catalog.refused) {
    // Which of two is used matters to who looks at plugins: `gainstage plugin list` tells it.
    if (code !== "duplicate" && !quiet) warn(message);
  }
  host.events.on("log", ({ plugin, level, text }) => {
    if (level === "warn" || level === "error") warn(`plugin ${plugin}: ${text}`);
    else if (level === "info") say(`plugin ${plugin}: ${text}`);
  });
  host.events.on("fault", ({ node, message, heard, attempt }) => {
    const instead = heard === "bypass" ? "its input is heard instead" : "silence is heard instead";
    const then = attempt === 1 ? `${instead} until it is built anew` : `it is switched off and ${instead}`;
    warn(`${message} (node ${node}); ${then}`);
  });
  host.events.on("otherContent", ({ node, message }) => warn(`${message} (node ${node})`));
  host.events.on("placeholder", ({ node, message }) =>
    warn(`${message}. Its input is heard in its place (node ${node})`),
  );
  return host;
}

/** As in PATH, a folder that is not there is passed over. */
function isThere(path: string, quiet: boolean): boolean {
  const there = existsSync(path);
  if (!there && !quiet) warn(`GAINSTAGE_PLUGIN_PATH names ${path}, which is not there`);
  return there;
}

/** Of this user, kept from run to run. */
export function userQuarantine(): Quarantine {
  return new Quarantine(quarantineFile());
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
