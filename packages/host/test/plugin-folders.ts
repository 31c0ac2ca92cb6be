/** A search folder made for one test file and removed after it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Manifest } from "@gainstage/plugin-api";
import { afterAll } from "vitest";

export class PluginFolders {
  readonly root: string = mkdtempSync(join(tmpdir(), "gainstage-plugins-"));

  constructor() {
    afterAll(() => rmSync(this.root, { recursive: true }));
  }

  /** Writes a plugin folder; returns its path. `manifest` may be any text, to be broken. */
  add(name: string, manifest: Manifest | string, files: Record<string, string | Uint8Array> = {}): string {
    const folder = join(this.root, name);
    mkdirSync(folder, { recursive: true });
    const text = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
    for (const [file, content] of Object.entries({ ...files, "plugin.json": text })) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    return folder;
  }

  /** Makes a folder with nothing in it; returns its path. */
  empty(name: string): string {
    const folder = join(this.root, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}

/** The manifest of a stereo plugin in entry.js, with one parameter. */
export function moduleManifest(id: string, changes: Partial<Manifest> = {}): Manifest {
  return {
    api: "1.0",
    id,
    name: id,
    vendor: "Example",
    version: "1.0.0",
    features: ["utility"],
    entry: { module: "entry.js" },
    inputs: [{ id: "in", name: "Input", role: "main", layouts: ["stereo", "mono"] }],
    outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo", "mono"] }],
    params: [{ id: "amount", name: "Amount", unit: "none", min: 0, max: 1, default: 0.5 }],
    ...changes,
  };
}
