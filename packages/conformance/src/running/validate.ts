/** Every check on the plugin in a folder, in threads that a plugin cannot hold up, and a report of plain data. */
import { checkManifest, type Manifest, PluginFault } from "@gainstage/plugin-api";
import { CHECKS, checkOf } from "../all-checks.ts";
import type { Case } from "../cases/case.ts";
import { type Check, type Level, onlyCase } from "../check.ts";
import { bundleHash } from "../loading/bundle.ts";
import { packageJson } from "../loading/package-json.ts";
import { readFolder } from "../loading/plugin-folder.ts";
import type { MeasuredCard } from "../measuring/card.ts";
import { DEFAULT_SEED } from "../subject.ts";
import { runThread } from "./check-thread.ts";
import { type CheckResult, countsOf, type ValidationReport } from "./report.ts";
import { failed, notRun } from "./run-check.ts";

export { CHECKS } from "../all-checks.ts";
export { type Case, readCase } from "../cases/case.ts";
export { GROUPS, type Level } from "../check.ts";
export type { Curve, MeasuredCard } from "../measuring/card.ts";
export { SpeedThread } from "../measuring/speed-thread.ts";
export type { CheckResult, Outcome, ValidationReport } from "./report.ts";

export interface ValidateOptions {
  /** Ids of the checks to run. Default: all. */
  readonly only?: readonly string[];
  /** The weakest level to run. Default "info". */
  readonly level?: Level;
  /** Of the random cases, a whole number. Default 1. */
  readonly seed?: number;
  /** Run this case of its check, and nothing else. */
  readonly replay?: Case;
  /** Minutes of audio that R07 runs through. Default half a minute. */
  readonly soakMinutes?: number;
  /** Scales the number of random cases. Default 1. */
  readonly effort?: number;
  /** How long one check may search at random at most, and shrink what it finds. Default 2 s each. */
  readonly budgetMs?: number;
  /** How long one call of the plugin may take before its thread is ended. Default 2 s. */
  readonly callLimitMs?: number;
  /** An ES module can do whatever this program can: without the user's word it is not run. */
  readonly trustModules?: boolean;
  /** Measure the card. Default true. */
  readonly card?: boolean;
  readonly onResult?: (result: CheckResult) => void;
}

const LEVELS: readonly Level[] = ["info", "should", "must"];

/** A plugin that hangs so often is not given another thread. */
const MAX_LOST_THREADS = 6;

/**
 * Throws a PluginFault if `folder` has no plugin.json, or is an ES module that nobody trusts; a RangeError for a check
 * that does not exist.
 */
export async function validate(folder: string, options: ValidateOptions = {}): Promise<ValidationReport> {
  const before = performance.now();
  const { document } = readFolder(folder);
  const checked = checkManifest(document);
  if (checked.ok && "module" in checked.manifest.entry && options.trustModules !== true) {
    throw new PluginFault(
      "untrusted",
      checked.manifest.id,
      "is JavaScript, which can do whatever this program can; allow it with --trust-modules if you trust it",
    );
  }
  const results = new Map<string, CheckResult>();
  let card: MeasuredCard | null = null;
  const { waivers = {} } = packageJson(folder).gainstage ?? {};
  const take = (result: CheckResult) => {
    const reason = Object.hasOwn(waivers, result.id) ? waivers[result.id] : undefined;
    const waived = result.outcome === "warned" && typeof reason === "string" ? { waived: reason } : {};
    const whole = { ...result, ...waived };
    results.set(result.id, whole);
    options.onResult?.(whole);
  };
  const chosen = chosenChecks(options);
  const withCard = checked.ok && !options.replay && (options.card ?? true);
  const runnable = checked.ok ? chosen : chosen.filter((check) => check.runsCode === false);
  const unusable = await runAll(folder, runnable, options, withCard, take, (measured) => (card = measured));
  // Said, though it was not asked for: the others have not been run because of it.
  if (unusable && !results.has(unusable.id)) take(failed(checkOf(unusable.id), unusable.why, undefined, 0));
  for (const check of chosen)
    if (!results.has(check.id)) take(notRun(check, "the manifest is not valid yet"));
  const ordered = CHECKS.flatMap(({ id }) => results.get(id) ?? []);
  return {
    version: 1,
    plugin: pluginOf(folder, document, checked.ok ? checked.manifest : undefined),
    seed: options.seed ?? DEFAULT_SEED,
    engine: `Node ${process.versions.node}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}`,
    loads: checked.ok && !["L01", "L02", "L03", "L04"].some((id) => results.get(id)?.outcome === "failed"),
    ok: ordered.every(({ outcome }) => outcome !== "failed"),
    counts: countsOf(ordered),
    results: ordered,
    idleWaivers: Object.keys(waivers).filter((id) => results.get(id)?.waived === undefined),
    card,
    ms: Math.round(performance.now() - before),
  };
}

function chosenChecks({ only, level = "info", replay }: ValidateOptions): readonly Check[] {
  if (replay) {
    const check = checkOf(replay.check ?? "");
    onlyCase(check, replay);
    return [check];
  }
  for (const id of only ?? []) checkOf(id);
  return CHECKS.filter(
    (check) =>
      (only === undefined || only.includes(check.id)) && LEVELS.indexOf(check.level) >= LEVELS.indexOf(level),
  );
}

async function runAll(
  folder: string,
  checks: readonly Check[],
  options: ValidateOptions,
  withCard: boolean,
  take: (result: CheckResult) => void,
  takeCard: (card: MeasuredCard) => void,
): Promise<Unusable | undefined> {
  const { seed, soakMinutes, effort, budgetMs, replay } = options;
  let left = checks.map((check) => check.id);
  let card = withCard;
  let unusable: Unusable | undefined;
  for (let lost = 0; left.length > 0 || card; lost++) {
    if (lost === MAX_LOST_THREADS) {
      const reason = `it took ${lost} threads with it already`;
      for (const id of left) take(notRun(checkOf(id), reason));
      break;
    }
    const ids = left;
    const end = await runThread(
      { folder, ids, seed, soakMinutes, effort, budgetMs, replay, card, inert: inertBy(unusable) },
      (message) => {
        if (message.type === "unusable") unusable = message;
        if (message.type === "card") takeCard(message.card);
        if (message.type !== "ended") return;
        left = left.filter((id) => id !== message.result.id);
        take(message.result);
      },
      options.callLimitMs,
    );
    if (end.during === undefined) break;
    if (end.during === "card") card = false;
    else if (end.during === "activation")
      unusable = { id: "L12", why: `does not activate with its defaults: ${end.why}` };
    else {
      left = left.filter((id) => id !== end.during);
      take(failed(checkOf(end.during), end.why, end.given, 0));
    }
  }
  return unusable;
}

/** Why nothing can be asked of the plugin, and the check that says so. */
interface Unusable {
  readonly id: "L01" | "L12";
  readonly why: string;
}

const inertBy = (unusable: Unusable | undefined) => (unusable?.id === "L12" ? unusable.why : undefined);

/** Also of a manifest that is not valid. */
function isModule(entry: unknown): boolean {
  return typeof entry === "object" && entry !== null && "module" in entry;
}

function pluginOf(
  folder: string,
  document: unknown,
  manifest: Manifest | undefined,
): ValidationReport["plugin"] {
  const text = (key: string) => {
    const value = (document as Record<string, unknown> | null)?.[key];
    return typeof value === "string" ? value : "?";
  };
  let hash: string | null = null;
  try {
    if (manifest) hash = bundleHash(folder, manifest);
  } catch {
    // A file is missing, which M20 or L01 says.
  }
  return {
    id: text("id"),
    name: text("name"),
    version: text("version"),
    api: text("api"),
    kind: isModule(manifest?.entry ?? (document as { entry?: unknown } | null)?.entry) ? "module" : "wasm",
    folder,
    hash,
  };
}
