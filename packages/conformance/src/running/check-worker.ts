/** The thread in which a plugin's code runs while it is checked; the other end of check-thread.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { reasonOf } from "@gainstage/plugin-api";
import { checkOf } from "../all-checks.ts";
import { onlyCase } from "../check.ts";
import { type LoadedCode, loadCode } from "../loading/load-folder.ts";
import { readFolder } from "../loading/plugin-folder.ts";
import { measureCard } from "../measuring/card.ts";
import { start } from "../playing/stream.ts";
import { BeatingWatch } from "../playing/watched-plugin.ts";
import { subjectOf } from "../subject.ts";
import type { CheckJob, CheckMessage } from "./check-thread.ts";
import { runCheck } from "./run-check.ts";

const job = workerData as CheckJob;
const tell = (message: CheckMessage) => parentPort!.postMessage(message);
const watch = new BeatingWatch(new Int32Array(job.beat));
const { document, wasm } = readFolder(job.folder);

let loading: Promise<LoadedCode | Error> | undefined;

/** Once, and not before a check needs it: the top level of a module is the plugin's code. */
function load(): Promise<LoadedCode | Error> {
  watch.enter("the module");
  loading ??= instantiable().catch((thrown: unknown) => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    tell({ type: "unusable", id: "L01", why: `cannot be loaded: ${reasonOf(error)}` });
    return error;
  });
  return loading.finally(() => watch.leave());
}

async function instantiable(): Promise<LoadedCode> {
  const code = await loadCode(job.folder);
  code.instantiate();
  return code;
}

let { inert } = job;
/** A case that is run again may be about activation itself. */
let isTried = inert !== undefined || job.replay !== undefined;

/** Whether it activates with its defaults, once: where it does not, one check says so instead of all. */
function tryActivation(code: LoadedCode): void {
  if (isTried) return;
  isTried = true;
  tell({ type: "began", id: "activation" });
  try {
    start(subjectOf({ document, wasm, code, watch }).fresh()).dispose();
  } catch (error) {
    inert = reasonOf(error);
    tell({ type: "unusable", id: "L12", why: inert });
  }
}

const NO_CODE = new Error("its code was not asked for");

for (const id of job.ids) {
  const check = job.replay ? onlyCase(checkOf(id), job.replay) : checkOf(id);
  tell({ type: "began", id });
  const code = check.runsCode === false ? NO_CODE : await load();
  if (!(code instanceof Error)) {
    tryActivation(code);
    tell({ type: "began", id });
  }
  const subject = subjectOf({
    ...job,
    document,
    wasm,
    code,
    watch,
    inert,
    trying: (given) => tell({ type: "trying", given }),
  });
  tell({ type: "ended", result: await runCheck(check, subject) });
}
if (job.card && inert === undefined) {
  tell({ type: "began", id: "card" });
  const code = await load();
  if (!(code instanceof Error)) {
    const { fresh } = subjectOf({ document, wasm, code, watch });
    tell({ type: "card", card: measureCard(fresh, wasm !== undefined) });
  }
}
tell({ type: "done" });
