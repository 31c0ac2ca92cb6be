/** The folder around the manifest: its files, its licence, what npm would run, and how fast it is found. */
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { checkManifest, type Manifest } from "@gainstage/plugin-api";
import { type Check, demand, NotRun } from "../check.ts";
import { bundleHash, filesOf } from "../loading/bundle.ts";
import { isLicenseExpression } from "../loading/license.ts";
import { packageJson } from "../loading/package-json.ts";
import { isPacked, packingRules } from "../loading/packed-files.ts";

const MAX_BUNDLE_BYTES = 256 << 20;
const MAX_DISCOVERY_MS = 5;
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall"];

interface Folder {
  readonly folder: string;
  readonly manifest: Manifest;
}

function ofFolder(id: string, level: Check["level"], title: string, check: (at: Folder) => void): Check {
  return {
    id,
    level,
    title,
    runsCode: false,
    run({ folder, document }) {
      if (folder === undefined) throw new NotRun("the plugin is in memory, not in a folder");
      const found = checkManifest(document);
      if (!found.ok) throw new NotRun("the manifest is not valid yet");
      check({ folder, manifest: found.manifest });
    },
  };
}

const bundle = ofFolder(
  "M16",
  "must",
  "is a folder of moderate size, whose files lie inside it and have one hash",
  ({ folder, manifest }) => {
    const root = realpathSync(folder);
    const there = filesOf(manifest).filter((path) => existsSync(join(folder, path)));
    let bytes = 0;
    for (const path of there) {
      const real = realpathSync(join(folder, path));
      const way = relative(root, real);
      demand(way !== ".." && !way.startsWith(`..${sep}`), `${path} leads out of the folder, to ${real}`);
      const status = lstatSync(real);
      demand(status.isFile(), `${path} is not a file`);
      bytes += status.size;
    }
    demand(
      bytes <= MAX_BUNDLE_BYTES,
      `its files have ${bytes} bytes, at most ${MAX_BUNDLE_BYTES} are allowed`,
    );
    if (there.length < filesOf(manifest).length) return;
    const hashes = new Set([0, 1].map(() => bundleHash(folder, manifest)));
    demand(hashes.size === 1, "its files changed while they were read");
  },
);

const legal = ofFolder(
  "M17",
  "should",
  "says its licence in SPDX, has a readme and a changelog, and runs nothing when it is installed",
  ({ folder, manifest }) => {
    const names = readdirSync(folder).map((name) => name.toLowerCase());
    const { scripts = {}, license } = packageJson(folder);
    const wrong: string[] = [];
    const said = manifest.license ?? license;
    if (said === undefined) wrong.push("there is no licence in plugin.json");
    else if (!isLicenseExpression(said)) wrong.push(`"${said}" is no SPDX licence expression`);
    for (const name of ["readme", "changelog"])
      if (!names.some((file) => file.split(".")[0] === name)) wrong.push(`there is no ${name.toUpperCase()}`);
    for (const script of INSTALL_SCRIPTS)
      if (scripts[script] !== undefined) wrong.push(`package.json runs a script at ${script}`);
    demand(wrong.length === 0, wrong.join("; "));
  },
);

const discovery: Check = {
  ...ofFolder("M18", "should", "is found, read and checked within 5 ms", ({ folder }) => {
    let fastest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5; run++) {
      const before = performance.now();
      checkManifest(JSON.parse(readFileSync(join(folder, "plugin.json"), "utf8")));
      fastest = Math.min(fastest, performance.now() - before);
    }
    demand(fastest <= MAX_DISCOVERY_MS, `takes ${fastest.toFixed(1)} ms`);
  }),
  timed: true,
};

const resources = ofFolder(
  "M20",
  "must",
  "has every preset and resource that its manifest names",
  ({ folder, manifest: { presets = [], resources: files = [] } }) => {
    const absent = [...presets, ...files].filter((path) => !existsSync(join(folder, path)));
    demand(absent.length === 0, `not there: ${absent.join(", ")}`);
  },
);

const packed = ofFolder(
  "M21",
  "must",
  "is published with every file that its manifest names",
  ({ folder, manifest }) => {
    if (!existsSync(join(folder, "package.json"))) throw new NotRun("there is no package.json");
    const rules = packingRules(folder);
    const left = filesOf(manifest).filter((path) => !isPacked(path, rules));
    demand(left.length === 0, `npm pack would leave out ${left.join(", ")}: ${rules.from} rules it out`);
  },
);

export const PACKAGE_CHECKS: readonly Check[] = [bundle, legal, discovery, resources, packed];
