/** Debian's Chromium, or whichever there is, without a window: opens a page, and what that posts is the result. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { PluginServer } from "./plugin-server.ts";

const path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** CI installs Chromium and must not skip. */
export const withoutChromium = path === undefined && !process.env.CI;

/** Far more than a page takes; only that no browser is left behind. */
const LONGEST_MS = 45_000;

const quiet = ["quic", "background-networking", "component-update", "sync", "gpu"];

/** What a page of `server` posts, opened in a browser of its own with a `profile` folder. Throws an Error if the browser ends, or the page takes too long. */
export async function posted(server: PluginServer, pathAndQuery: string, profile: string): Promise<string> {
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--enable-logging=stderr",
    "--autoplay-policy=no-user-gesture-required",
    ...quiet.map((what) => `--disable-${what}`),
    `--user-data-dir=${profile}`,
  ];
  const post = server.nextPost();
  const browser = spawn(path!, [...flags, `${server.origin}/${pathAndQuery}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const printed = text(browser.stderr);
  const gone = once(browser, "exit");
  const early = gone.then(async ([code]) => {
    throw new Error(`the browser ended with ${code}: ${(await printed).slice(-2000)}`);
  });
  const late = setTimeout(() => browser.kill("SIGKILL"), LONGEST_MS);
  try {
    return await Promise.race([post, early]);
  } finally {
    clearTimeout(late);
    early.catch(() => {});
    browser.kill("SIGKILL");
    await gone;
  }
}
