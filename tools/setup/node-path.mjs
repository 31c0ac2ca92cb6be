// Which Node runs the project: the one in node_modules, else the system's if it is new enough.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NEEDED_MAJOR = 24;

/**
 * PATH with the project's own binaries first. Where the lockfile carries no Node for this platform (macOS), the
 * system's Node must be 24 or newer; otherwise this says so and ends the process.
 */
export function pathWithOurNode(root) {
  const bin = join(root, "node_modules", ".bin");
  const path = [bin, process.env.PATH].join(delimiter);
  if (existsSync(join(bin, process.platform === "win32" ? "node.cmd" : "node"))) return path;
  const system = spawnSync("node", ["--version"], { encoding: "utf8", env: { ...process.env, PATH: path } });
  const version = (system.stdout ?? "").trim();
  if (Number(/^v(\d+)/.exec(version)?.[1] ?? 0) >= NEEDED_MAJOR) return path;
  console.error(
    `[setup] Gainstage needs Node ${NEEDED_MAJOR}; no packaged Node exists for ${process.platform}-${process.arch} ` +
      `and the system's is ${version || "missing"}. Install Node ${NEEDED_MAJOR} and run the command again.`,
  );
  process.exit(1);
}
