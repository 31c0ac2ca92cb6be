/** What an ES module needs beside itself: a host has the bytes of the entry, and no place from which others are found. */
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/** Parses and does not run. The flag stands in the worker's own options, so that nobody has to start Node with it. */
const PARSER = `
const { parentPort, workerData } = require("node:worker_threads");
const { SourceTextModule } = require("node:vm");
const module = new SourceTextModule(workerData);
parentPort.postMessage(module.moduleRequests?.map(({ specifier }) => specifier) ?? module.dependencySpecifiers);
`;
const PARSER_FLAGS = ["--experimental-vm-modules", "--no-warnings"];

/** What its import and export declarations name, by the engine's own parser. Rejects with a SyntaxError. */
export function importsOf(source: string): Promise<readonly string[]> {
  const worker = new Worker(PARSER, { eval: true, execArgv: PARSER_FLAGS, workerData: source });
  return new Promise((resolve, reject) => {
    worker.on("message", (specifiers: readonly string[]) => resolve([...new Set(specifiers)]));
    worker.on("error", reject);
  });
}

/**
 * Runs its top level as a host does, from its bytes alone: no package.json beside it has a say, and no other file is
 * found from it. `path` is what stack traces and debuggers show. Rejects with what the module throws.
 */
export async function importAlone(bytes: Uint8Array, path: string): Promise<{ readonly default?: unknown }> {
  const source = `${Buffer.from(bytes).toString("utf8")}\n//# sourceURL=${pathToFileURL(path).href}\n`;
  return import(`data:text/javascript;base64,${Buffer.from(source).toString("base64")}`);
}
