/** What fetchPlugin refuses, and how little it asks for before; sources.test.ts loads through it. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Manifest, PluginFault } from "@gainstage/plugin-api";
import { passThrough } from "@gainstage/plugin-api/test/wasm-bytes.ts";
import { describe, expect, test } from "vitest";
import { fetchPlugin } from "../src/index.ts";
import { moduleManifest, PluginFolders } from "./plugin-folders.ts";
import { PluginServer } from "./plugin-server.ts";

const folders = new PluginFolders();
const server = new PluginServer(folders.root);

describe("fetchPlugin refuses", () => {
  const faultOf = async (work: Promise<unknown>): Promise<PluginFault> => {
    const thrown = await work.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(PluginFault);
    return thrown as PluginFault;
  };
  const serve = (
    name: string,
    changes: Partial<Manifest>,
    files: Record<string, string | Uint8Array> = {},
  ) => {
    folders.add(`served/${name}`, moduleManifest(`com.served.${name}`, changes), files);
    return `${server.origin}/served/${name}/`;
  };
  const wasm = { entry: { wasm: "code.wasm" } };

  test("a newer API, and asks for nothing more", async () => {
    const url = serve("newer", { ...wasm, api: "1.9" });
    server.asked = [];
    expect((await faultOf(fetchPlugin(url))).code).toBe("api-too-new");
    expect(server.asked).toEqual(["/served/newer/plugin.json"]);
  });

  test("JavaScript that nobody trusts, and asks for nothing more", async () => {
    const url = serve("script", {}, { "entry.js": "" });
    server.asked = [];
    expect((await faultOf(fetchPlugin(url))).code).toBe("untrusted");
    expect(server.asked).toEqual(["/served/script/plugin.json"]);
    expect((await fetchPlugin(url, { trustModules: true })).hash).toMatch(/^sha256-/);
  });

  test("other content than was asked for", async () => {
    const url = serve("other", wasm, { "code.wasm": passThrough() });
    const fault = await faultOf(fetchPlugin(url, { hash: "sha256-AAAA" }));
    expect(fault.code).toBe("integrity");
    expect(fault.message).toMatch(/has the hash sha256-.*, not sha256-AAAA/);
  });

  test("what is in quarantine", async () => {
    const url = serve("trapped", wasm, { "code.wasm": passThrough() });
    const quarantine = { has: () => true };
    expect((await faultOf(fetchPlugin(url, { quarantine }))).code).toBe("quarantined");
  });

  test.each<[string, Uint8Array | undefined, string, string]>([
    ["missing", undefined, "entry-unreadable", "code.wasm cannot be fetched: the server says 404"],
    ["importing", passThrough({ imports: [["env", "now"]] }), "import-forbidden", "it imports env.now"],
    ["untyped", passThrough({ inProcess: [0x6a, 0x1a] }), "entry-invalid", "cannot be used: "],
  ])("code that is %s", async (name, bytes, code, message) => {
    const fault = await faultOf(fetchPlugin(serve(name, wasm, bytes ? { "code.wasm": bytes } : {})));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(message);
  });

  test("a manifest of two megabytes, and what is no URL", async () => {
    folders.add("served/large", " ".repeat(2 << 20));
    expect((await faultOf(fetchPlugin(`${server.origin}/served/large`))).message).toContain(
      "larger than 1048576",
    );
    expect((await faultOf(fetchPlugin("not a url"))).message).toContain("is no URL");
  });

  test("to go on when it is told to stop", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(fetchPlugin(`${server.origin}/served/other`, { signal })).rejects.toThrow("enough");
  });
});

test("nothing that fetchPlugin imports is Node's", () => {
  const source = fileURLToPath(new URL("../src/loading/fetch-plugin.ts", import.meta.url));
  const api = fileURLToPath(new URL("../../plugin-api/src/index.ts", import.meta.url));
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(
      /^(?:import|export)[^;]*?from "([^"]+)";/gms,
    )) {
      if (path === "@gainstage/plugin-api") follow(api);
      else if (path.startsWith(".")) follow(join(dirname(file), path));
      else expect.fail(`${file} imports ${path}`);
    }
  };
  follow(source);
  expect(seen.size).toBeGreaterThan(10);
});
