/** The thread in which a plugin's code runs while it is checked; the other end of check-thread.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { checkOf } from "../all-checks.ts";
import { onlyCase } from "../check.ts";
import { type LoadedCode, loadCode } from "../loading/load-folder.ts";
import { readFolder } from "../loading/plugin-folder.ts";
import { measureCard } from "../measuring/card.ts";
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
  loading ??= loadCode(job.folder).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
  return loading.finally(() => watch.leave());
}

const NO_CODE = new Error("its code was not asked for");

for (const id of job.ids) {
  const check = job.replay ? onlyCase(checkOf(id), job.replay) : checkOf(id);
  tell({ type: "began", id });
  const subject = subjectOf({
    ...job,
    document,
    wasm,
    code: check.runsCode === false ? NO_CODE : await load(),
    watch,
    trying: (given) => tell({ type: "trying", given }),
  });
  tell({ type: "ended", result: await runCheck(check, subject) });
}
if (job.card) {
  tell({ type: "began", id: "card" });
  const code = await load();
  if (!(code instanceof Error)) {
    const { fresh } = subjectOf({ document, wasm, code, watch });
    tell({ type: "card", card: measureCard(fresh, wasm !== undefined) });
  }
}
tell({ type: "done" });
