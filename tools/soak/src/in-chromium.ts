/** Serves the page, opens it in Debian's Chromium without a window, and takes in what it posts. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { engineUrl, type GraphDescription } from "@gainstage/graph";
import { firstPartyFolder } from "@gainstage/host";
import { rolldown } from "rolldown";
import { CollectionLog } from "./collections.ts";
import { CHECK_FRAMES } from "./heard.ts";
import { report, type Soaked } from "./report.ts";
import { verify } from "./verify.ts";

const BROWSER = "/usr/bin/chromium";
const MEMORY_MS = 5000;
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};
const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'",
};
const QUIET = [
  "quic",
  "background-networking",
  "component-update",
  "sync",
  "gpu",
  "background-timer-throttling",
];

export async function soakInChromium(seconds: number, seed: number): Promise<ReturnType<typeof report>> {
  const folder = await site();
  const memory: number[] = [];
  const log = new CollectionLog(performance.now());
  let soaked: (Omit<Soaked, "checks" | "verified"> & { checks: readonly GraphDescription[] }) | undefined;
  let verified = 0;
  let browser: ReturnType<typeof spawn> | undefined;
  const taken = async (request: IncomingMessage, path: string, query: URLSearchParams): Promise<boolean> => {
    const body = await buffer(request);
    switch (path) {
      case "/progress":
        console.error(body.toString());
        return false;
      case "/dropped":
        log.dropped(Number(body.toString()), performance.now());
        return false;
      case "/soaked":
        soaked = {
          ...JSON.parse(body.toString()),
          memory: [...memory],
          collections: log.isolates(performance.now()),
        };
        return false;
      case "/heard": {
        const check = Number(query.get("check"));
        const both = new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
        await verify(check, soaked!.checks[check], [
          both.subarray(0, CHECK_FRAMES),
          both.subarray(CHECK_FRAMES),
        ]);
        verified++;
        return false;
      }
      case "/failed":
        throw new Error(body.toString());
      default:
        return true;
    }
  };
  try {
    await new Promise<void>((resolve, reject) => {
      const server = createServer((request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
        if (request.method === "POST") {
          taken(request, pathname, searchParams)
            .then((isOver) => isOver && resolve(), reject)
            .finally(() => response.writeHead(204).end());
          return;
        }
        try {
          const bytes = readFileSync(join(folder, decodeURIComponent(pathname)));
          const type = TYPES[extname(pathname)] ?? "application/octet-stream";
          response.writeHead(200, { ...HEADERS, "content-type": type }).end(bytes);
        } catch {
          response.writeHead(404).end();
        }
      });
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        const page = `http://127.0.0.1:${port}/index.html?seconds=${seconds}&seed=${seed}`;
        const flags = [
          "--headless=new",
          "--no-sandbox",
          "--no-first-run",
          "--autoplay-policy=no-user-gesture-required",
          "--js-flags=--trace-gc",
          ...QUIET.map((what) => `--disable-${what}`),
          `--user-data-dir=${join(folder, "profile")}`,
          page,
        ];
        browser = spawn(BROWSER, flags, { stdio: ["ignore", "pipe", "ignore"] });
        browser.once("exit", (code) => reject(new Error(`the browser ended with ${code}`)));
        createInterface({ input: browser.stdout! }).on("line", (line) => log.take(line, performance.now()));
        server.unref();
      });
      const look = setInterval(() => {
        const bytes = browser?.pid ? rendererMemory(browser.pid) : 0;
        if (bytes > 0) memory.push(bytes);
      }, MEMORY_MS);
      look.unref();
    });
  } finally {
    browser?.removeAllListeners("exit");
    browser?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
  return report("Chromium", { ...soaked!, checks: soaked!.checks.length, verified });
}

async function site(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "gainstage-soak-"));
  symlinkSync(firstPartyFolder, join(folder, "plugins"));
  symlinkSync(fileURLToPath(engineUrl), join(folder, "engine.wasm"));
  await bundle(new URL("page.ts", import.meta.url), join(folder, "page.js"));
  const worklet = new URL("../../../packages/host/src/playing/live-worklet.ts", import.meta.url);
  await bundle(worklet, join(folder, "worklet.js"));
  writeFileSync(
    join(folder, "index.html"),
    '<!doctype html><meta charset="utf-8"><title>Soak</title><script type="module" src="page.js"></script>',
  );
  return folder;
}

async function bundle(entry: URL, file: string): Promise<void> {
  const made = await rolldown({ input: fileURLToPath(entry), platform: "browser", logLevel: "silent" });
  await made.write({ file, format: "esm" });
  await made.close();
}

/** What the largest of the browser's renderers holds, in bytes. */
function rendererMemory(browser: number): number {
  let most = 0;
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const flags = readFileSync(`/proc/${name}/cmdline`, "utf8");
      if (!flags.includes("--type=renderer")) continue;
      const [, group] = /\) \S+ \d+ (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
      const [, own] = /\) \S+ \d+ (\d+)/.exec(readFileSync(`/proc/${browser}/stat`, "utf8")) ?? [];
      if (group !== own) continue;
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${name}/status`, "utf8")) ?? [];
      most = Math.max(most, 1024 * Number(kilobytes));
    } catch {
      // Gone meanwhile.
    }
  }
  return most;
}
