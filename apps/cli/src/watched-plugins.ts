/** `--watch DIR`: the plugins of a folder from build to build, and what is new in each build. */
import { createHash } from "node:crypto";
import { type CatalogEntry, type Host, PluginWatch } from "@gainstage/host";
import { PluginFault } from "@gainstage/plugin-api";
import { ExitCode, exitCodeOf } from "./exit-code.ts";
import { say, warn } from "./terminal.ts";
import { type HostFlags, hostFor } from "./workplace.ts";

export interface WatchFlags extends HostFlags {
  readonly watch?: string;
}

/** The flags with the watched folder searched first. */
export function searchingWatched<T extends WatchFlags>(flags: T): T {
  return flags.watch === undefined ? flags : { ...flags, plugins: [flags.watch, ...(flags.plugins ?? [])] };
}

/** A build: each plugin by id, with the digest of each of its files. */
type Build = ReadonlyMap<string, { readonly version: string; readonly files: ReadonlyMap<string, string> }>;

export class WatchedPlugins {
  readonly #flags: HostFlags;
  readonly #watch: PluginWatch;
  #build: Build | undefined;

  /** `flags` are those of searchingWatched(). */
  constructor(folder: string, flags: HostFlags) {
    this.#flags = flags;
    this.#watch = new PluginWatch(folder);
    try {
      this.#build = buildOf(this.#watch);
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
    }
  }

  /** Says what is waited for, and warns if nothing of what is watched is among the plugins in use. */
  introduce(host: Host, used: readonly string[]): void {
    const { path } = this.#watch;
    const found = host.catalog.entries.filter(({ source }) => this.#watch.holds(source));
    const isUsed = found.some((entry) => used.includes(entry.manifest.id) && isChosen(host, entry));
    if (!isUsed) {
      const names = found.map(({ manifest }) => `${manifest.id}@${manifest.version}`).join(", ");
      warn(`${path} holds ${names || "no plugin"}, and nothing of it is in use here`);
    }
    say(`watching ${path}; Ctrl+C ends`);
  }

  /**
   * Calls `round` with a host that has looked again, and with what is new, after each build until `signal` is aborted. A build
   * that cannot be used is told, and what was there before stays.
   */
  async follow(signal: AbortSignal, round: (host: Host, news: string) => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#watch.changed(signal);
        const build = buildOf(this.#watch);
        const news = newsIn(build, this.#build);
        this.#build = build;
        if (news !== "") await round(hostFor(this.#flags, true), news);
      } catch (error) {
        const code = exitCodeOf(error) ?? (error instanceof RangeError ? ExitCode.Usage : undefined);
        if (code === undefined) throw error;
        if (!signal.aborted) warn(`${(error as Error).message}. What was there before stays`);
      }
    }
  }
}

/** True unless another version of it is taken where none is asked for. */
function isChosen({ catalog }: Host, { manifest, source }: CatalogEntry): boolean {
  return catalog.find(manifest.id).source === source;
}

/** Throws a PluginFault. */
function buildOf(watch: PluginWatch): Build {
  return new Map(
    watch.entries().map((entry) => {
      const files = [...entry.readFiles()].map(([path, bytes]): [string, string] => [
        path,
        createHash("sha256").update(bytes).digest("base64"),
      ]);
      return [entry.manifest.id, { version: entry.manifest.version, files: new Map(files) }];
    }),
  );
}

/** "com.acme.glue 1.0.1 (plugin.json, glue.wasm)"; empty where nothing is new. */
function newsIn(build: Build, before: Build | undefined): string {
  const news: string[] = [];
  for (const [id, { version, files }] of build) {
    const old = before?.get(id);
    const changed = [...files].filter(([path, digest]) => old?.files.get(path) !== digest);
    const gone = [...(old?.files.keys() ?? [])].filter((path) => !files.has(path));
    const paths = [...changed.map(([path]) => path), ...gone.map((path) => `without ${path}`)];
    if (!old) news.push(`${id} ${version} (new)`);
    else if (paths.length > 0) news.push(`${id} ${version} (${paths.join(", ")})`);
  }
  for (const id of before?.keys() ?? []) if (!build.has(id)) news.push(`${id} is gone`);
  return news.join("; ");
}
