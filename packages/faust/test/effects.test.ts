import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CHECKS, validate } from "@gainstage/conformance";
import { afterAll, describe, expect, test } from "vitest";
import { writeFaustPlugin } from "../src/index.ts";

const effects = fileURLToPath(new URL("effects/", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "gainstage-faust-effects-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

/** Starting processes and threads takes longest; what it shows is the same for all that the adapter runs. */
const SLOW = ["D02", "D06", "D09"];
const MUSTS = CHECKS.filter(({ level }) => level === "must").map(({ id }) => id);
const WHOLE = "phaser.dsp";

describe("an effect of Faust's libraries keeps every must of the contract", () => {
  const names = readdirSync(effects).filter((name) => name.endsWith(".dsp"));

  test.concurrent.each(names)("%s", async (name) => {
    const folder = join(out, name.replace(/\.dsp$/, ""));
    const { warnings } = await writeFaustPlugin(join(effects, name), folder);
    expect(warnings).toEqual([]);
    const only = MUSTS.filter((id) => name === WHOLE || !SLOW.includes(id));
    // `gainstage plugin validate` searches longer, and says what it only recommends.
    const { results } = await validate(folder, { only, card: false, budgetMs: 20 });
    const failed = results
      .filter(({ outcome }) => outcome === "failed")
      .map(({ id, message }) => `${id}: ${message}`);
    expect(failed).toEqual([]);
    expect(results.filter(({ outcome }) => outcome === "passed").length).toBeGreaterThan(50);
  });
});
