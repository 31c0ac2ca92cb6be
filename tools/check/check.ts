/** `npm run check`: format and lint, types, import floors, the house. Prints a line each and ends with 1 if one fails. */
import { execFileSync, spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { floorProblems } from "./src/floors.ts";
import { houseProblems } from "./src/house.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

function command(name: string, args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(name, args, { cwd: root, encoding: "utf8" });
  return status === 0 ? [] : [`${stdout}${stderr}`.trim()];
}

function trackedFiles(): { path: string; bytes: number }[] {
  const list = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
  return list
    .split("\0")
    .filter((path) => path !== "")
    .flatMap((path) => {
      const status = statSync(`${root}${path}`, { throwIfNoEntry: false });
      return status ? [{ path, bytes: status.size }] : [];
    });
}

const checks: readonly (readonly [string, () => string[]])[] = [
  [
    "format, lint and TypeScript import floors",
    () => command("biome", ["ci", "--colors=off", "--error-on-warnings", "."]),
  ],
  ["types", () => command("tsc", ["-p", "tools/check/tsconfig.json"])],
  ["AssemblyScript import floors", () => floorProblems(root)],
  ["the house", () => houseProblems(trackedFiles())],
];

let failed = 0;
for (const [name, run] of checks) {
  const problems = run();
  console.log(`check ${problems.length === 0 ? "passed" : "FAILED"}: ${name}`);
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
