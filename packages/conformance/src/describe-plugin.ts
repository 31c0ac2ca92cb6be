/** One call that a plugin's own test makes: every check, as a vitest test each. */
import { fileURLToPath } from "node:url";
import type { LoadedPlugin } from "@gainstage/plugin-api";
import { beforeAll, describe, test } from "vitest";
import { CHECKS } from "./all-checks.ts";
import { loadFolder } from "./load-folder.ts";

/** `folder` holds plugin.json. */
export function describePlugin(folder: string | URL): void {
  const path = typeof folder === "string" ? folder : fileURLToPath(folder);
  describe("conforms to the plugin API", () => {
    let plugin: LoadedPlugin;
    beforeAll(async () => {
      plugin = await loadFolder(path);
    });
    for (const check of CHECKS) test(check.title, () => check.run(plugin));
  });
}
