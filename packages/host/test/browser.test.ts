/** The loader in a real browser: Debian's Chromium fetches the first-party effects, and hears the bits that Node hears. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { processSetup } from "@gainstage/plugin-api";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHost, firstPartyFolder, hostOf, instantiate, readCode } from "../src/index.ts";
import { heardThrough } from "./noise-through.ts";
import { PluginServer } from "./plugin-server.ts";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
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

/** What the page posts, opened in a browser of its own. */
async function open(plugins: readonly string[]): Promise<readonly Result[]> {
  const url = `${page.origin}/index.html?plugins=${encodeURIComponent(plugins.join(","))}`;
  const profile = `--user-data-dir=${join(folder, "profile")}`;
  const quiet = ["quic", "background-networking", "component-update", "sync", "gpu"].map(
    (what) => `--disable-${what}`,
  );
  const flags = ["--headless=new", "--no-sandbox", "--no-first-run", ...quiet, profile];
  const posted = page.nextPost();
  const browser = spawn(chromium!, [...flags, url], { stdio: ["ignore", "ignore", "pipe"] });
  const printed = text(browser.stderr);
  const gone = once(browser, "exit");
  const early = gone.then(async ([code]) => {
    throw new Error(`the browser ended with ${code}: ${(await printed).slice(-2000)}`);
  });
  try {
    return JSON.parse(await Promise.race([posted, early]));
  } finally {
    early.catch(() => {});
    browser.kill("SIGKILL");
    await gone;
  }
}

// CI installs Chromium and must not skip; elsewhere the name says what to install.
describe.skipIf(!chromium && !process.env.CI)("a browser (apt-get install chromium)", () => {
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
