/** The user's own plugins on the command line: installed, listed, used, quarantined, removed. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Quarantine, quarantineFile } from "@gainstage/host";
import { beforeAll, describe, expect, test } from "vitest";
import { gainstage, namesIn, plainEnvironment, scratchFolder, writeMusic } from "./command.ts";

const scratch = scratchFolder();
const at = (path: string) => join(scratch, path);
const plugins = fileURLToPath(new URL("../../../plugins/", import.meta.url));
const home = plainEnvironment.HOME!;
const quarantine = new Quarantine(
  quarantineFile({ platform: process.platform, env: plainEnvironment, home }),
);

/** A plugin that is the chorus under another name. */
function copyOfChorus(folder: string, changes: Record<string, unknown> = {}): string {
  cpSync(`${plugins}chorus/dist`, at(`${folder}/dist`), { recursive: true });
  const manifest = JSON.parse(readFileSync(`${plugins}chorus/plugin.json`, "utf8"));
  const other = { ...manifest, id: "com.example.shimmer", name: "Shimmer", presets: [], ...changes };
  writeFileSync(at(`${folder}/plugin.json`), JSON.stringify(other));
  writeFileSync(at(`${folder}/package.json`), JSON.stringify({ name: "shimmer", version: "0.1.0" }));
  return at(folder);
}

const listed = (...args: string[]) => JSON.parse(gainstage("plugin", "list", "--json", ...args).stdout);
const shimmers = (...args: string[]) =>
  listed(...args).plugins.filter((p: { id: string }) => p.id === "com.example.shimmer");

beforeAll(() => writeMusic(at("in.wav"), 48_000, 0.5));

describe("a plugin of the user's", () => {
  test("is installed, listed, used and removed", () => {
    const folder = copyOfChorus("shimmer", { replaces: [{ id: "com.example.glimmer" }] });
    const installed = gainstage("plugin", "install", folder);
    expect(installed.stderr).toContain("com.example.shimmer 0.1.0 is in ");
    expect(installed.code).toBe(0);

    const [plugin] = shimmers();
    expect(plugin).toMatchObject({ source: "user", quarantined: false, replaces: ["com.example.glimmer"] });
    expect(gainstage("plugin", "list").stdout).toMatch(/com\.example\.shimmer +0\.1\.0 +wasm +installed /);

    const process = ["process", at("in.wav"), "-o", at("out.wav"), "--fx"];
    expect(gainstage(...process, "com.example.shimmer@^0.1:mixPercent=30").code).toBe(0);
    expect(existsSync(at("out.wav"))).toBe(true);

    expect(gainstage("plugin", "uninstall", "com.example.shimmer").code).toBe(0);
    expect(shimmers()).toEqual([]);
    expect(gainstage("plugin", "uninstall", "com.example.shimmer").code).toBe(4);
  });

  test("is not installed over itself without --force", () => {
    const folder = copyOfChorus("twice");
    expect(gainstage("plugin", "install", folder).code).toBe(0);
    const again = gainstage("plugin", "install", folder);
    expect(again.code).toBe(4);
    expect(again.stderr).toContain("--force puts this one in its place");
    expect(gainstage("plugin", "install", "--force", folder).code).toBe(0);
    expect(gainstage("plugin", "uninstall", "com.example.shimmer@0.1.0").code).toBe(0);
  });

  test("is refused with everything that is wrong, and nothing of it is left behind", () => {
    const folder = copyOfChorus("bad", { vendor: 5, entry: { wasm: "../x" } });
    const { code, stderr } = gainstage("plugin", "install", folder);
    expect(code).toBe(4);
    expect(stderr).toMatch(/vendor must be a text .*entry\.wasm must be a path inside the plugin's folder/);
    expect(shimmers()).toEqual([]);
  });
});

describe("an archive", () => {
  const pack = (folder: string, out: string) => {
    mkdirSync(out, { recursive: true });
    const { status, stderr } = spawnSync("npm", ["pack", "--ignore-scripts", "--pack-destination", out], {
      cwd: folder,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    expect(status, stderr).toBe(0);
    return join(out, "shimmer-0.1.0.tgz");
  };

  test("can be named as a folder can, and installed", () => {
    const archive = pack(copyOfChorus("packed"), at("archives"));
    const [plugin] = shimmers("--plugins", archive);
    expect(plugin).toMatchObject({ source: "named", folder: archive });
    const to = ["-o", at("from-archive.wav"), "--plugins", archive];
    expect(gainstage("process", at("in.wav"), ...to, "--fx", "com.example.shimmer").code).toBe(0);
    expect(gainstage("plugin", "install", archive).code).toBe(0);
    expect(shimmers()).toHaveLength(1);
    expect(namesIn(at("archives"))).toEqual(["shimmer-0.1.0.tgz"]);
    gainstage("plugin", "uninstall", "com.example.shimmer");
  });

  test("that is none is bad from the start", () => {
    writeFileSync(at("text.tgz"), "hello");
    const { code, stderr } = gainstage("plugin", "install", at("text.tgz"));
    expect(code).toBe(4);
    expect(stderr).toContain("it is not gzipped");
  });
});

test("the same version twice is told with whether the content is the same", () => {
  const first = copyOfChorus("first");
  const same = copyOfChorus("same");
  const other = copyOfChorus("other", { name: "Other" });
  const { stdout, stderr } = gainstage(
    "plugin",
    "list",
    ...[first, same, other].flatMap((p) => ["--plugins", p]),
  );
  expect(stdout).toContain("com.example.shimmer");
  expect(stderr).toContain(`${first} is used, ${same} is left out (the same content)`);
  expect(stderr).toContain(`${first} is used, ${other} is left out (other content)`);
  const { duplicates } = listed(...[first, same].flatMap((p) => ["--plugins", p]));
  expect(duplicates).toEqual([
    { id: "com.example.shimmer", version: "0.1.0", taken: first, leftOut: same, same: true },
  ]);
});

test("info says where a plugin is, its hash, and for what it stands in", () => {
  const folder = copyOfChorus("heir", {
    replaces: [{ id: "com.example.glimmer", params: { mix: "mixPercent" } }],
  });
  const { stdout } = gainstage("plugin", "info", "com.example.glimmer", "--plugins", folder);
  expect(stdout).toContain("com.example.glimmer is not here; com.example.shimmer says that it replaces it.");
  expect(stdout).toContain(`named: ${folder}`);
  expect(stdout).toMatch(/^sha256-[A-Za-z0-9+/]{43}=$/m);
  expect(stdout).toContain("replaces com.example.glimmer");
  const json = JSON.parse(
    gainstage("plugin", "info", "com.example.glimmer", "--json", "--plugins", folder).stdout,
  );
  expect(json.standsInFor).toEqual({ id: "com.example.glimmer", params: { mix: "mixPercent" } });
  expect(json.hash).toMatch(/^sha256-/);
});

test("info of a plugin that was not built yet has no hash, and the rest all the same", () => {
  const folder = copyOfChorus("unbuilt", { entry: { wasm: "dist/none.wasm" } });
  const { code, stdout } = gainstage("plugin", "info", "com.example.shimmer", "--plugins", folder);
  expect(code).toBe(0);
  expect(stdout).toMatch(/no hash: .*none\.wasm is missing: build the plugin first/);
  expect(stdout).toContain("mixPercent");
});

describe("a plugin in quarantine", () => {
  const folder = copyOfChorus("trapped");
  const options = ["--plugins", folder];
  const run = () =>
    gainstage(
      "process",
      at("in.wav"),
      "-o",
      at("trapped.wav"),
      "--force",
      ...options,
      "--fx",
      "com.example.shimmer",
    );

  test("is shown as such, does not run, and runs again once it is released", () => {
    const { hash } = JSON.parse(
      gainstage("plugin", "info", "com.example.shimmer", "--json", ...options).stdout,
    );
    const when = "2026-11-01T12:00:00.000Z";
    quarantine.add({ hash, id: "com.example.shimmer", version: "0.1.0", why: "hang", when });

    expect(shimmers(...options)[0].quarantined).toBe(true);
    expect(gainstage("plugin", "list", ...options).stdout).toContain("in quarantine: ");
    const info = gainstage("plugin", "info", "com.example.shimmer", ...options).stdout;
    expect(info).toContain(
      `${hash}, in quarantine; \`gainstage plugin release com.example.shimmer\` lets it go`,
    );
    const refused = run();
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("gainstage plugin release com.example.shimmer");
    expect(gainstage("plugin", "install", folder).code).toBe(4);

    const released = gainstage("plugin", "release", "com.example.shimmer");
    expect(released.stderr).toContain(`com.example.shimmer 0.1.0 is free again (hang, ${when})`);
    expect(run().code).toBe(0);
  });

  test("is not there to be released if it is not", () => {
    const { code, stderr } = gainstage("plugin", "release", "chorus");
    expect(code).toBe(4);
    expect(stderr).toContain("chorus is not in quarantine; there is nothing in it");
  });
});
