/** What `play` plays: a file through a chain of effects, or a session. */
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { supportedExtensions } from "@gainstage/audio-io";
import type { GraphDescription } from "@gainstage/graph";
import type { Host } from "@gainstage/host";
import { graphOf, sourceNode } from "@gainstage/mixer";
import type { Session } from "@gainstage/session";
import { CommandError, ExitCode } from "./exit-code.ts";
import { chainOf, INPUT, parseFx } from "./fx-text.ts";
import { refuseUnplayable } from "./session-plugins.ts";
import { readStems, sessionAt } from "./stems.ts";
import { readAudio } from "./workplace.ts";

export interface Song {
  readonly sampleRateHz: number;
  readonly frames: number;
  /** By input node id, [channel]. */
  readonly sources: ReadonlyMap<string, readonly Float32Array[]>;
  /** What becomes of a plugin that cannot be had. */
  readonly missing: "refuse" | "placeholder";
  /** The song's graph with the plugins of a host, which may have changed since the last call. Throws what reading it may. */
  graph(host: Host): GraphDescription;
}

export interface SongFlags {
  readonly fx: readonly string[];
  readonly stems?: string;
  readonly rate?: number;
  readonly tempo?: number;
}

const FOLDER_RATE_HZ = 48_000;

/** Reads the sound of a file, a session or a folder of stems. Throws an InputError, a SessionError or a CommandError. */
export async function songAt(path: string, flags: SongFlags, host: Host): Promise<Song> {
  const status = await stat(path).catch(() => undefined);
  const isAudio = !status?.isDirectory() && supportedExtensions.includes(extname(path).toLowerCase());
  return isAudio ? fileSong(path, flags) : sessionSong(path, flags, host);
}

async function fileSong(path: string, { fx, rate, tempo }: SongFlags): Promise<Song> {
  const { audio } = await readAudio(path, rate);
  const width = audio.channels.length;
  if (width > 2)
    throw new CommandError(
      ExitCode.BadInput,
      `${path} has ${width} channels; effects take one or two: split it first`,
    );
  return {
    sampleRateHz: audio.sampleRateHz,
    frames: audio.frames,
    sources: new Map([[INPUT, audio.channels]]),
    missing: "refuse",
    graph: (host) => {
      const effects = fx.map((text) => parseFx(host, text));
      const { graph } = chainOf(effects, width === 1 ? 1 : 2, []);
      return tempo === undefined ? graph : { ...graph, song: { tempo: [{ frame: 0, bpm: tempo }] } };
    },
  };
}

async function sessionSong(path: string, flags: SongFlags, host: Host): Promise<Song> {
  if (flags.fx.length > 0)
    throw new CommandError(
      ExitCode.Usage,
      "--fx is for a file; a session has its effects as inserts of its channels",
    );
  const { session, folder } = await sessionAt(path, flags.rate ?? FOLDER_RATE_HZ);
  refuseUnplayable(host.catalog, session, path);
  const stems = await readStems(session, flags.stems ?? folder);
  const channels = new Map(stems.map((stem) => [stem.strip.id, stem.channels]));
  return {
    sampleRateHz: session.sampleRateHz,
    frames: framesOf(session, [...channels.values()]),
    sources: new Map([...channels].map(([strip, own]) => [sourceNode(strip), own])),
    missing: "placeholder",
    graph: (supply) => {
      refuseUnplayable(supply.catalog, session, path);
      return graphOf(supply, session, channels);
    },
  };
}

function framesOf(
  { lengthSeconds, sampleRateHz }: Session,
  stems: readonly (readonly Float32Array[])[],
): number {
  const longest = Math.max(0, ...stems.map(([first]) => first.length));
  return lengthSeconds === undefined ? longest : Math.round(lengthSeconds * sampleRateHz);
}
