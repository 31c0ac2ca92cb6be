/** The loader in a real browser: Debian's Chromium fetches the first-party effects, and hears the bits that Node hears. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processSetup } from "@gainstage/plugin-api";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHost, firstPartyFolder, hostOf, instantiate, readCode } from "../src/index.ts";
import { posted, withoutChromium } from "./chromium.ts";
import { heardThrough } from "./noise-through.ts";
import { PluginServer } from "./plugin-server.ts";

const folder = mkdtempSync(join(tmpdir(), "gainstage-browser-"));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
symlinkSync(firstPartyFolder, join(folder, "plugins"));
const page = new PluginServer(folder);

interface Result {
  readonly id?: string;
  readonly hash?: string;
  readonly heard?: number;
  readonly error?: string;
}

async function open(plugins: readonly string[]): Promise<readonly Result[]> {
  const query = `index.html?plugins=${encodeURIComponent(plugins.join(","))}`;
  return JSON.parse(await posted(page, query, join(folder, "profile")));
}

// The name says what to install.
describe.skipIf(withoutChromium)("a browser (apt-get install chromium)", () => {
  beforeAll(async () => {
    const input = fileURLToPath(new URL("./browser-page.ts", import.meta.url));
    const bundle = await rolldown({ input, platform: "browser", logLevel: "silent" });
    await bundle.write({ file: join(folder, "page.js"), format: "esm" });
    await bundle.close();
    writeFileSync(
      join(folder, "index.html"),
      '<!doctype html><meta charset="utf-8"><script type="module" src="page.js"></script>',
    );
  });

  test("loads every first-party effect from its URL, finds the same content, and hears the same bits", async () => {
    const { entries } = createHost().catalog;
    const expected = await Promise.all(
      entries.map(async (entry) => {
        const code = readCode(entry, { trustModules: false });
        const plugin = await instantiate(code);
        const setup = processSetup(code.manifest, { sampleRateHz: 48_000, maxFrames: 512 });
        const processor = plugin.activate(setup, hostOf(code, { emit: () => true }));
        return { id: code.manifest.id, hash: code.hash, heard: heardThrough(processor) };
      }),
    );
    expect(expected.length).toBeGreaterThanOrEqual(6);
    const urls = entries.map(({ source }) => `${page.origin}/plugins/${source.place.split("/").at(-1)}/`);
    expect(await open(urls)).toEqual(expected);
  });

  test("says what is wrong where there is no plugin", async () => {
    const [{ error }] = await open([`${page.origin}/plugins/nothing/`]);
    expect(error).toMatch(/PluginFault.*plugins\/nothing/);
  });
});
