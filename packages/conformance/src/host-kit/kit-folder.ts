/** A folder of plugins for a host to find, made of the kit's own modules. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "@gainstage/plugin-api";
import { EVIL_PLUGINS } from "./evil-plugins.ts";
import { differenceManifest, echoManifest, lateManifest } from "./plain-plugins.ts";
import { type RecordedCall, recordingManifest } from "./recording-plugin.ts";

const EVIL = new URL("./evil-plugins.ts", import.meta.url).href;
const PLAIN = new URL("./plain-plugins.ts", import.meta.url).href;
const RECORDING = new URL("./recording-plugin.ts", import.meta.url).href;

export const evilId = (name: string, onFault: "bypass" | "silence") =>
  `org.gainstage.kit.evil.${name}-${onFault}`;

/** Of API versions that no host of 1.x runs, with the code of the refusal. */
export const FOREIGN_VERSIONS = [
  ["1.99", "api-too-new"],
  ["2.0", "api-too-new"],
  ["0.9", "api-too-old"],
] as const;
export const foreignId = (api: string) => `org.gainstage.kit.api-${api.replace(".", "-")}`;

export interface KitFolder {
  readonly path: string;
  /** What the recording plugin wrote since the last time, in the order of the calls of each processor. */
  takeCalls(): readonly RecordedCall[];
}

export function makeKitFolder(): KitFolder {
  const path = mkdtempSync(join(tmpdir(), "gainstage-host-kit-"));
  const log = join(path, "calls.jsonl");
  const put = (manifest: Manifest, entry: string) => {
    const folder = join(path, manifest.id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "plugin.json"), JSON.stringify(manifest));
    writeFileSync(join(folder, "entry.mjs"), `${entry}\n`);
  };
  const exported = (module: string, name: string) =>
    `export { ${name} as default } from ${JSON.stringify(module)};`;
  put(
    recordingManifest,
    `import { recordingPlugin } from ${JSON.stringify(RECORDING)};\nexport default recordingPlugin(${JSON.stringify(log)});`,
  );
  put(lateManifest, exported(PLAIN, "latePlugin"));
  put(echoManifest, exported(PLAIN, "echoPlugin"));
  put(differenceManifest, exported(PLAIN, "differencePlugin"));
  for (const { name, manifest } of EVIL_PLUGINS) {
    for (const onFault of ["bypass", "silence"] as const) {
      const entry = `import { EVIL_PLUGINS } from ${JSON.stringify(EVIL)};
export default EVIL_PLUGINS.find(({ name }) => name === ${JSON.stringify(name)}).plugin;`;
      put({ ...echoManifest, ...manifest, id: evilId(name, onFault), onFault }, entry);
    }
  }
  for (const [api] of FOREIGN_VERSIONS)
    put({ ...echoManifest, id: foreignId(api), api }, exported(PLAIN, "echoPlugin"));
  writeFileSync(log, "");
  return {
    path,
    takeCalls() {
      const calls = readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line !== "");
      writeFileSync(log, "");
      return calls.map((line) => JSON.parse(line) as RecordedCall);
    },
  };
}
