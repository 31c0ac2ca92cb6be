/** A failure as a test to paste, and the way back from it. */
import { fileURLToPath } from "node:url";
import type { Case } from "../cases/case.ts";
import type { Check } from "../check.ts";

/** TypeScript for a file in the plugin's test folder. */
export function reproductionOf({ id, title }: Check, failing: Case): string {
  const body = JSON.stringify({ ...failing, check: id }, undefined, 2)
    .replace(/"([a-zA-Z]\w*)":/g, "$1:")
    // Lists of plain numbers, and changes, on one line each.
    .replace(/\[\s+([-\d.,\se+]+?)\s+\]/g, (_, numbers: string) => `[${numbers.replace(/\s+/g, " ")}]`)
    .replace(
      /\{\s+((?:\w+: [^{}[\]\n]+,?\s+)+)\}/g,
      (_, fields: string) => `{ ${fields.trim().replace(/\s*\n\s*/g, " ")} }`,
    )
    .replace(/\n/g, "\n  ");
  return [
    'import { reproduce } from "@gainstage/conformance";',
    'import { test } from "vitest";',
    "",
    `test(${JSON.stringify(`${id}: ${title}`)}, () =>`,
    `  reproduce(new URL("../", import.meta.url), ${body}));`,
    "",
  ].join("\n");
}

export function pathOf(folder: string | URL): string {
  return typeof folder === "string" ? folder : fileURLToPath(folder);
}
