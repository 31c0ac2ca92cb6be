import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { PluginWatch } from "../src/index.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";

const folders = new PluginFolders();
const never = new AbortController().signal;

/** True if a build was noticed before the files had rested. */
async function noticedWithin(changed: Promise<void>, ms: number): Promise<boolean> {
  return Promise.race([changed.then(() => true), wait(ms, false)]);
}

test("a build is noticed once, when its files have rested", async () => {
  const folder = folders.add("one", moduleManifest("com.example.one"), { "entry.js": "1" });
  const watch = new PluginWatch(folder);
  const changed = watch.changed(never);
  expect(await noticedWithin(changed, 300)).toBe(false);
  for (let piece = 0; piece < 6; piece++) {
    writeFileSync(join(folder, "entry.js"), "x".repeat(piece + 2));
    expect(await noticedWithin(changed, 60)).toBe(false);
  }
  await changed;
  expect(await noticedWithin(watch.changed(never), 300)).toBe(false);
});

test.each([
  ["the manifest", (folder: string) => writeFileSync(join(folder, "plugin.json"), "{")],
  [
    "a file put in its place by a rename",
    (folder: string) => {
      writeFileSync(join(folder, "entry.new"), "2");
      renameSync(join(folder, "entry.new"), join(folder, "entry.js"));
    },
  ],
  [
    "a file that the manifest names as a resource",
    (folder: string) => writeFileSync(join(folder, "hall.wav"), "x"),
  ],
  ["code that is gone", (folder: string) => rmSync(join(folder, "entry.js"))],
  ["the folder gone", (folder: string) => rmSync(folder, { recursive: true })],
])("is noticed: %s", async (_, change) => {
  const manifest = moduleManifest("com.example.two", { resources: ["hall.wav"] });
  const folder = folders.add("two", manifest, { "entry.js": "1", "hall.wav": "" });
  const watch = new PluginWatch(folder);
  const changed = watch.changed(never);
  change(folder);
  await changed;
});

test("of a folder of plugins all are watched, those too that are new", async () => {
  const root = folders.empty("many");
  folders.add("many/a", moduleManifest("com.example.a"), { "entry.js": "1" });
  const watch = new PluginWatch(root);
  const changed = watch.changed(never);
  folders.add("many/b", moduleManifest("com.example.b"), { "entry.js": "1" });
  await changed;
  expect(watch.entries().map(({ manifest }) => manifest.id)).toEqual(["com.example.a", "com.example.b"]);
});

test("the wait ends when it is aborted", async () => {
  const stop = new AbortController();
  const changed = new PluginWatch(folders.empty("none")).changed(stop.signal);
  stop.abort(new Error("enough"));
  await expect(changed).rejects.toThrow("enough");
});
