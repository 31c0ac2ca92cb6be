import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Quarantine, type QuarantineEntry, stateFolder } from "../src/index.ts";

const root = mkdtempSync(join(tmpdir(), "gainstage-quarantine-"));
afterAll(() => rmSync(root, { recursive: true }));
const entry = (hash: string, changes: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
  hash,
  id: "com.example.trap",
  version: "1.0.0",
  why: "trap",
  when: "2026-11-01T00:00:00.000Z",
  ...changes,
});

describe("the quarantine", () => {
  test("keeps what is added, from one object to the next", () => {
    const path = join(root, "new", "folder", "quarantine.json");
    const first = new Quarantine(path);
    expect(first.has("sha256-a")).toBe(false);
    first.add(entry("sha256-a"));
    first.add(entry("sha256-b", { why: "hang" }));
    first.add(entry("sha256-a", { why: "hang" }));
    const second = new Quarantine(path);
    expect(second.entries).toEqual([entry("sha256-a"), entry("sha256-b", { why: "hang" })]);
    expect(second.has("sha256-b")).toBe(true);
    expect(readdirSync(join(root, "new", "folder"))).toEqual(["quarantine.json"]);
  });

  test("lets go by hash, by id and by short name, and says what", () => {
    const quarantine = new Quarantine(join(root, "release.json"));
    const [a, b, c] = [
      entry("sha256-a"),
      entry("sha256-b"),
      entry("sha256-c", { id: "dev.gainstage.chorus" }),
    ];
    for (const one of [a, b, c]) quarantine.add(one);
    expect(quarantine.release("com.example.other")).toEqual([]);
    expect(quarantine.release("sha256-a")).toEqual([a]);
    expect(quarantine.release("com.example.trap")).toEqual([b]);
    expect(quarantine.release("chorus")).toEqual([c]);
    expect(quarantine.entries).toEqual([]);
  });

  test.each(["{", "null", '{"quarantined": [{"hash": 5}]}', "[]"])(
    "that somebody broke (%s) is kept under another name at the next change",
    (text) => {
      const folder = mkdtempSync(join(root, "broken-"));
      const quarantine = new Quarantine(join(folder, "quarantine.json"));
      writeFileSync(quarantine.path, text);
      expect(quarantine.isBroken).toBe(true);
      expect(quarantine.entries).toEqual([]);
      quarantine.add(entry("sha256-a"));
      expect(quarantine.isBroken).toBe(false);
      expect(quarantine.entries).toEqual([entry("sha256-a")]);
      const kept = readdirSync(folder).find((name) => name.startsWith("quarantine.json.broken-"));
      expect(readFileSync(join(folder, kept!), "utf8")).toBe(text);
    },
  );

  test("passes over the lock of a process that died", () => {
    const quarantine = new Quarantine(join(root, "stale.json"));
    const lock = `${quarantine.path}.lock`;
    writeFileSync(lock, "1\n");
    utimesSync(lock, 1000, 1000);
    quarantine.add(entry("sha256-a"));
    expect(quarantine.has("sha256-a")).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });

  test("loses nothing when several processes add at once", async () => {
    const path = join(root, "shared.json");
    const program = `
      import { Quarantine } from ${JSON.stringify(new URL("../src/running/quarantine.ts", import.meta.url).href)};
      const [name] = process.argv.slice(1);
      const quarantine = new Quarantine(${JSON.stringify(path)});
      for (let i = 0; i < 25; i++)
        quarantine.add({ hash: name + i, id: "com.example.x", version: "1.0.0", why: "trap", when: "now" });`;
    const processes = ["a", "b", "c", "d"].map((name) =>
      spawn(process.execPath, ["--input-type=module", "-e", program, name], { stdio: "inherit" }),
    );
    const codes = await Promise.all(processes.map(async (p) => (await once(p, "exit"))[0]));
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(new Set(new Quarantine(path).entries.map((e) => e.hash)).size).toBe(100);
  });

  test("is in the folder that the environment names", () => {
    const machine = { platform: "linux" as const, home: "/home/x" };
    expect(stateFolder({ ...machine, env: {} })).toBe(join("/home/x", ".local/state/gainstage"));
    expect(stateFolder({ ...machine, env: { XDG_STATE_HOME: "/s" } })).toBe(join("/s", "gainstage"));
    expect(stateFolder({ ...machine, env: { GAINSTAGE_STATE_DIR: "/t" } })).toBe("/t");
  });
});
