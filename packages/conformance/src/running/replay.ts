/** One failing case again, from a report or from a test. */

import { checkOf } from "../all-checks.ts";
import { type Case, readCase } from "../cases/case.ts";
import { onlyCase } from "../check.ts";
import { loadCode } from "../loading/load-folder.ts";
import { readFolder } from "../loading/plugin-folder.ts";
import { subjectOf } from "../subject.ts";
import { pathOf } from "./reproduction.ts";

/** Throws a CheckFailed if it fails still, a RangeError for a case that says nothing to a check. */
export async function reproduce(folder: string | URL, failing: Case): Promise<void> {
  const path = pathOf(folder);
  const { document, wasm } = readFolder(path);
  const code = await loadCode(path);
  const given = readCase(JSON.stringify(failing), code.manifest);
  const check = onlyCase(checkOf(given.check ?? ""), given);
  await check.run(Object.assign(subjectOf({ folder: path, document, wasm, code }), { measured: () => {} }));
}
