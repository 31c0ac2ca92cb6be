// A temporary folder per test file, removed afterwards.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

export function scratchFolder(): { path: string; save(name: string, bytes: Uint8Array | string): string } {
  const path = mkdtempSync(join(tmpdir(), "gainstage-audio-io-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    save(name, bytes) {
      const file = join(path, name);
      writeFileSync(file, bytes);
      return file;
    },
  };
}
