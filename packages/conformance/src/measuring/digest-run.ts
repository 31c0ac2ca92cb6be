/** The other end of digest.ts: a program, or a worker thread, that renders the cases of its job. */
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { loadFolder } from "../loading/load-folder.ts";
import { type DigestJob, digestOf } from "./digest.ts";

const { folder, cases } = (isMainThread ? JSON.parse(process.argv[2]) : workerData) as DigestJob;
const plugin = await loadFolder(folder);
const digests = cases.map((given) => digestOf(plugin, given));
if (isMainThread) process.stdout.write(JSON.stringify(digests));
else parentPort!.postMessage(digests);
