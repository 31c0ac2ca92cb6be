import { processSetup } from "@gainstage/plugin-api";
import { expect, test } from "vitest";
import {
  CatalogEntry,
  FolderSource,
  HostEvents,
  hostOf,
  instantiate,
  type PluginLog,
  readCode,
} from "../src/index.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const folders = new PluginFolders();

/** Puts on the log what "resource/1" gives for each path, and what becomes of writing into it. */
const ENTRY = `export default {
  activate(setup, host) {
    const log = host.extension("log/1");
    const files = host.extension("resource/1");
    for (const path of ["table.bin", "./table.bin", "plugin.json", "../table.bin", "constructor"]) {
      const bytes = files?.read(path);
      log.log("info", path + ": " + (bytes ? [...bytes].join(" ") : "none"));
      bytes?.fill(0);
    }
    log.log("shout", "one\\ntwo\\u001b[31m" + "x".repeat(5000));
    log.log("warn", host.name + " " + host.api);
    return { latencyFrames: 0, tailFrames: 0, reset() {}, process: () => 0 };
  },
};`;

async function logOf(changes: Parameters<typeof moduleManifest>[1]): Promise<readonly PluginLog[]> {
  const manifest = moduleManifest("com.example.talks", changes);
  const folder = folders.add("talks", manifest, { "entry.js": ENTRY, "table.bin": Uint8Array.from([7, 8]) });
  const code = readCode(CatalogEntry.from(new FolderSource(folder)), { trustModules: true });
  const events = new HostEvents();
  const told: PluginLog[] = [];
  events.on("log", (message) => told.push(message));
  const plugin = await instantiate(code);
  plugin.activate(processSetup(manifest, { sampleRateHz: 48_000, maxFrames: 64 }), hostOf(code, events));
  return told;
}

test("a plugin reads the files that its manifest lists, as copies, and no others", async () => {
  const told = await logOf({ uses: ["log/1", "resource/1"], resources: ["table.bin"] });
  expect(told.slice(0, 5).map(({ text }) => text)).toEqual([
    "table.bin: 7 8",
    "./table.bin: 7 8",
    "plugin.json: none",
    "../table.bin: none",
    "constructor: none",
  ]);
});

test("what it says reaches the events with its id and level, on one line", async () => {
  const told = await logOf({ uses: ["log/1"], resources: ["table.bin"] });
  expect(told[0]).toEqual({ plugin: "com.example.talks", level: "info", text: "table.bin: none" });
  const [shout, last] = told.slice(-2);
  expect(shout.level).toBe("info");
  expect(shout.text).toMatch(/^one two \[31mx+$/);
  expect(shout.text.length).toBeLessThan(2001);
  expect(last).toEqual({ plugin: "com.example.talks", level: "warn", text: "Gainstage 1.0" });
});
