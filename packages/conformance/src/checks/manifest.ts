/** What plugin.json says, decided without running anything: each check takes the problems of its own part. */
import {
  checkManifest,
  formatParam,
  fromKnob,
  type ManifestProblem,
  negotiate,
  type ParamInfo,
  readParam,
  toKnob,
} from "@gainstage/plugin-api";
import fc from "fast-check";
import { CheckFailed } from "../cases/check-failed.ts";
import { type Check, demand, NotRun, undecided } from "../check.ts";
import { packageJson } from "../loading/package-json.ts";
import { unknownKeys } from "../loading/unknown-keys.ts";
import type { Subject } from "../subject.ts";

const RANDOM_VALUES = 1000;

/** The parts of a manifest, by the check that looks after them; what none of them claims is M01's. */
const PARTS: readonly (readonly [id: string, path: RegExp])[] = [
  ["M02", /^api$/],
  ["M03", /^(id|version)$/],
  ["M04", /^features/],
  ["M05", /^(inputs|outputs)/],
  ["M07", /^params\[\d+\]\.(scale|step)|^params\[\d+\]\.min$/],
  ["M10", /^params\[\d+\]\.aliases|^replaces/],
  ["M11", /^params\[\d+\]\.(applies|automatable)/],
  ["M12", /^params\[\d+\]\.role/],
  ["M13", /^meters/],
  ["M14", /^(extensions|uses|requires|stateVersion)/],
  ["M06", /^params/],
];

function problemsFor(id: string, document: unknown): readonly ManifestProblem[] {
  const check = checkManifest(document);
  if (check.ok) return [];
  return check.problems.filter(
    ({ path }) => (PARTS.find(([, part]) => part.test(path))?.[0] ?? "M01") === id,
  );
}

function part(id: string, title: string, more?: (subject: Subject) => void): Check {
  return {
    id,
    title,
    level: "must",
    runsCode: false,
    run(subject) {
      const problems = problemsFor(id, subject.document);
      if (problems.length > 0)
        throw new CheckFailed(problems.map(({ path, message }) => `${path} ${message}`.trim()).join("; "));
      more?.(subject);
    },
  };
}

const api = part("M02", "is for an API that this host runs", ({ document }) => {
  const version = (document as { api?: unknown }).api;
  const answer = typeof version === "string" ? negotiate(version) : undefined;
  if (answer && !answer.ok) throw new CheckFailed(answer.message);
});

/** About values of a manifest that is sound. */
function ofParams(id: string, title: string, check: (param: ParamInfo, seed: number) => void): Check {
  return {
    id,
    title,
    level: "must",
    runsCode: false,
    run({ document, seed }) {
      const found = checkManifest(document);
      if (!found.ok) throw new NotRun("the manifest is not valid yet");
      for (const param of found.manifest.params) check(param, seed);
    },
  };
}

const formats = ofParams("M08", "prints values that are read back as the same", (param, seed) => {
  const { min, max, choices } = param;
  if (choices) {
    for (const [index, { id, label }] of choices.entries()) {
      for (const text of [id, label]) {
        const read = readParam(param, text);
        demand(read === index, `${param.id}: choice "${text}" is read as ${read}, not ${index}`);
      }
    }
    return;
  }
  const knobs = fc.sample(fc.integer({ min: 0, max: 1 << 20 }), { seed, numRuns: RANDOM_VALUES });
  for (const value of [min, max, param.default, ...knobs.map((knob) => fromKnob(param, knob / (1 << 20)))]) {
    const text = formatParam(param, value);
    const read = readParam(param, text);
    demand(read !== undefined, `${param.id}: ${value} is printed as "${text}", which cannot be read back`);
    const again = formatParam(param, read!);
    demand(
      again === text,
      `${param.id}: ${value} is printed as "${text}", which is read as ${read}: "${again}"`,
    );
    demand(!/^-0(\.0+)?(?![\d.])/.test(text), `${param.id}: ${value} is printed as "${text}"`);
  }
  const ends = [formatParam(param, min), formatParam(param, max)];
  demand(ends[0] !== ends[1], `${param.id}: both ends of its range are printed as "${ends[0]}"`);
});

/** Positions that a knob of 1 % steps has; between two of them the value must move. */
const KNOB_POSITIONS = 100;

const knobs = ofParams("M09", "has knobs whose every position is a value, and back", (param) => {
  const stepped = param.choices !== undefined || param.step !== undefined || param.unit === "bool";
  let before = Number.NEGATIVE_INFINITY;
  for (let k = 0; k <= KNOB_POSITIONS; k++) {
    const knob = k / KNOB_POSITIONS;
    const value = fromKnob(param, knob);
    const rises = stepped ? value >= before : value > before;
    demand(rises, `${param.id}: the knob at ${knob} gives ${value}, after ${before} one percent before`);
    if (!stepped) {
      const back = toKnob(param, value);
      demand(Math.abs(back - knob) < 1e-6, `${param.id}: the knob at ${knob} comes back at ${back}`);
    }
    before = value;
  }
});

const spelling: Check = {
  id: "M22",
  level: "should",
  title: "has no key that the API does not know, but those that begin with x-",
  runsCode: false,
  run({ document }) {
    const unknown = unknownKeys(document);
    const texts = unknown.map(({ place, near }) => (near ? `${place} (did you mean ${near}?)` : place));
    demand(unknown.length === 0, `unknown to the API, and read by no host: ${texts.join(", ")}`);
  },
};

export const MANIFEST_CHECKS: readonly Check[] = [
  part("M01", "has a manifest as the API says"),
  api,
  part(
    "M03",
    "has a reverse-DNS id and a semver version, the one of its package.json",
    ({ folder, document }) => {
      const published = folder === undefined ? undefined : packageJson(folder).version;
      const { version } = document as { version: string };
      if (published !== undefined && published !== version)
        throw new CheckFailed(`plugin.json says version ${version}, package.json says ${published}`);
    },
  ),
  part("M04", "names what it is, each feature once"),
  part("M05", "has one main input and one main output, and ports with layouts and ids of their own"),
  part("M06", "has parameters with ids, names, ranges and defaults within them"),
  part("M07", "has scales and steps that fit their ranges"),
  formats,
  knobs,
  part("M10", "has aliases that are nobody else's name, and replaces others than itself"),
  part("M11", "automates no parameter that acts at activation alone"),
  part("M12", "has each role once, on a parameter of the right shape"),
  part("M13", "has meters with ids, ranges and units that fit"),
  part("M14", "names extensions well, and a version for its state"),
  undecided(
    "M15",
    "must",
    "keeps every id, range and default that it ever published",
    "no earlier version to compare with: API 1.0 names no place where they are kept",
  ),
  spelling,
];
