/** What this host offers to plugins beyond the core: "log/1" and "resource/1". Runs in browsers too. */
import {
  API_VERSION,
  type Host,
  type HostExtensions,
  type LogExtension,
  type ResourceExtension,
} from "@gainstage/plugin-api";
import { plainPath } from "../reading/content-hash.ts";
import type { PluginCode } from "./plugin-code.ts";

/** One message of a plugin. */
export interface PluginLog {
  /** The plugin's id. */
  readonly plugin: string;
  readonly level: Parameters<LogExtension["log"]>[0];
  /** One line, without control characters. */
  readonly text: string;
}

/** Takes the messages: a HostEvents, or what passes them on to one. */
export interface LogSink {
  emit(event: "log", message: PluginLog): unknown;
}

const LEVELS: readonly unknown[] = ["debug", "info", "warn", "error"];
const MAX_TEXT_LENGTH = 2000;

/** The host as the plugin sees it. */
export function hostOf(code: PluginCode, events: LogSink): Host {
  const { manifest, resources } = code;
  const log: LogExtension = {
    log(level, text) {
      const line = String(text)
        .slice(0, MAX_TEXT_LENGTH)
        .replace(/\p{Cc}+/gu, " ");
      events.emit("log", { plugin: manifest.id, level: LEVELS.includes(level) ? level : "info", text: line });
    },
  };
  const files: ResourceExtension = {
    read: (path) => resources.get(plainPath(String(path)))?.slice(),
  };
  const offered: HostExtensions = { "log/1": log, "resource/1": files };
  return {
    api: API_VERSION,
    name: "Gainstage",
    extension: <I extends keyof HostExtensions>(id: I) =>
      Object.hasOwn(offered, id) ? offered[id] : undefined,
  };
}
