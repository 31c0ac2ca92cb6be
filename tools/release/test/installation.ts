/** An empty folder of a stranger: no repository above it, an empty home, the machine's own Node and npm. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const pack = fileURLToPath(new URL("../src/pack.ts", import.meta.url));

/** What npm and nx tell the processes they start, and binaries of this repository, are not there for a stranger. */
function strangersEnvironment(home: string): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|nx_|vitest|node_(env|options|path)$)/i.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    PATH: path.join(delimiter),
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
    // Fetching the same packages from the registry at every run would be the only difference.
    npm_config_cache: npmSetting("cache"),
    npm_config_registry: npmSetting("registry"),
    npm_config_update_notifier: "false",
    npm_config_prefer_offline: "true",
  };
}

function npmSetting(name: string): string {
  return spawnSync("npm", ["config", "get", name], { encoding: "utf8" }).stdout.trim();
}

export class Installation {
  readonly #root = mkdtempSync(join(tmpdir(), "gainstage-release-"));
  readonly #environment: NodeJS.ProcessEnv;
  /** Where the stranger works. */
  readonly folder: string = join(this.#root, "work");
  /** Every package, as the repository makes it. */
  readonly tarballs: readonly string[];

  /** Packs the repository. Throws an Error with the output if that fails. */
  constructor() {
    const [home, packed] = [join(this.#root, "home"), join(this.#root, "packed")];
    for (const folder of [home, this.folder]) mkdirSync(folder);
    this.#environment = strangersEnvironment(home);
    try {
      succeed("pack.ts", spawnSync(process.execPath, [pack, packed], { encoding: "utf8" }));
    } catch (error) {
      this.remove();
      throw error;
    }
    this.tarballs = readdirSync(packed).map((name) => join(packed, name));
  }

  /** The standard output. Throws an Error with all output unless the command ends with 0. */
  run(command: string, args: readonly string[], folder: string = this.folder): string {
    return succeed(`${command} ${args.join(" ")}`, this.attempt(command, args, folder));
  }

  attempt(command: string, args: readonly string[], folder: string = this.folder): SpawnSyncReturns<string> {
    return spawnSync(command, args, { cwd: folder, env: this.#environment, encoding: "utf8" });
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

function succeed(what: string, { status, stdout, stderr, error }: SpawnSyncReturns<string>): string {
  if (status === 0) return stdout;
  throw new Error(`${what} ended with ${status ?? error?.message}:\n${stdout}${stderr}`);
}
