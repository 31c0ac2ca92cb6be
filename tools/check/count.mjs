// Reads logs of `npm test` and `npm run check` and closes with "N passed, N failed": count.mjs LOG …
// Plain JavaScript: it must also run when nothing could be installed.
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

let passed = 0;
let failed = 0;
for (const path of process.argv.slice(2)) {
  const log = stripVTControlCharacters(readFileSync(path, "utf8"));
  for (const line of log.split("\n")) {
    // vitest: "Tests  1 failed | 21 passed | 2 skipped (24)"
    if (/^\s*Tests\s+\d/.test(line)) {
      passed += Number(/(\d+) passed/.exec(line)?.[1] ?? 0);
      failed += Number(/(\d+) failed/.exec(line)?.[1] ?? 0);
    }
    if (line.startsWith("check passed:")) passed++;
    if (line.startsWith("check FAILED:")) failed++;
    if (line.startsWith("step FAILED:")) failed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(passed > 0 && failed === 0 ? 0 : 1);
