/** Where plugins are looked for on this machine, and where what is known of them is kept. */
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const scope = fileURLToPath(new URL("../../../", import.meta.url));

/** The folder of the effects that come with Gainstage: plugins/ in the repository, beside this package once installed. */
export const firstPartyFolder: string = basename(scope) === "@gainstage" ? scope : join(scope, "../plugins/");

/** Whose machine it is; given in tests. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly home: string;
}

const thisMachine = (): Machine => ({ platform: process.platform, env: process.env, home: homedir() });

/** Where `gainstage plugin install` puts plugins. It need not be there. */
export function userPluginFolder({ platform, env, home }: Machine = thisMachine()): string {
  if (platform === "darwin") return join(home, "Library/Application Support/Gainstage/plugins");
  if (platform === "win32") return join(env.APPDATA || join(home, "AppData/Roaming"), "Gainstage/plugins");
  return join(env.XDG_DATA_HOME || join(home, ".local/share"), "gainstage/plugins");
}

/** Where Gainstage keeps what it found out by itself. GAINSTAGE_STATE_DIR names another folder. */
export function stateFolder({ platform, env, home }: Machine = thisMachine()): string {
  if (env.GAINSTAGE_STATE_DIR) return env.GAINSTAGE_STATE_DIR;
  if (platform === "darwin") return join(home, "Library/Application Support/Gainstage/state");
  if (platform === "win32") return join(env.LOCALAPPDATA || join(home, "AppData/Local"), "Gainstage/state");
  return join(env.XDG_STATE_HOME || join(home, ".local/state"), "gainstage");
}

export function quarantineFile(machine: Machine = thisMachine()): string {
  return join(stateFolder(machine), "quarantine.json");
}

/** GAINSTAGE_PLUGIN_PATH, separated as PATH is. */
export function environmentPlugins({ platform, env }: Machine = thisMachine()): string[] {
  const separator = platform === "win32" ? ";" : ":";
  return (env.GAINSTAGE_PLUGIN_PATH ?? "").split(separator).filter((path) => path !== "");
}
