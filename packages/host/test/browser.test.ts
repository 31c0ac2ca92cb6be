/** The loader in a real browser: Debian's Chromium fetches the first-party effects, and hears the bits that Node hears. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
afterAll(() => rmSync(folder, { recursive: true, force: true }));
symlinkSync(firstPartyFolder, join(folder, "plugins"));
const page = new PluginServer(folder);

interface Result {
  readonly id?: string;
  readonly hash?: string;
  readonly heard?: number;
  readonly error?: string;
}

/** What the page says, opened in a browser of its own. */
async function open(plugins: readonly string[]): Promise<readonly Result[]> {
  const url = `${page.origin}/index.html?plugins=${encodeURIComponent(plugins.join(","))}`;
  const profile = `--user-data-dir=${join(folder, "profile")}`;
  const quiet = ["quic", "background-networking", "component-update", "sync", "gpu"].map(
    (what) => `--disable-${what}`,
  );
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--virtual-time-budget=30000",
    ...quiet,
    profile,
  ];
  const dom = await new Promise<string>((resolve, reject) => {
    execFile(chromium!, [...flags, "--dump-dom", url], { timeout: 90_000 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
  const text = /RESULT(.*)END/.exec(dom)?.[1];
  if (text === undefined) throw new Error(`the page did not finish: ${dom.slice(0, 500)}`);
  return JSON.parse(text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&amp;", "&"));
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
      '<!doctype html><meta charset="utf-8"><body>waiting</body><script type="module" src="page.js"></script>',
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
