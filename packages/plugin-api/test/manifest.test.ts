import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkManifest, type Manifest, processSetup } from "../src/index.ts";
import { soundManifest } from "./sound-manifest.ts";

/** A manifest as JSON, to be spoiled at will. */
// biome-ignore lint/suspicious/noExplicitAny: the point is to put anything anywhere
type Json = any;

const spoilt = (spoil: (manifest: Json) => void): Json => {
  const manifest = structuredClone(soundManifest());
  spoil(manifest);
  return manifest;
};
const problemsOf = (value: unknown) => {
  const check = checkManifest(value);
  return check.ok ? [] : check.problems;
};

test("a sound manifest is taken as it is", () => {
  const manifest = soundManifest();
  const check = checkManifest(manifest);
  expect(check.ok && check.manifest).toBe(manifest);
});

describe("each problem is told with its place:", () => {
  const cases: [string, (m: Json) => void, path: string, message: RegExp][] = [
    ["no api", (m) => delete m.api, "api", /is missing/],
    ["an api that is no version", (m) => (m.api = "one"), "api", /"major\.minor"/],
    ["an api that is a number", (m) => (m.api = 0.1), "api", /"major\.minor"/],
    ["an id that is not reverse DNS", (m) => (m.id = "Pass"), "id", /reverse DNS/],
    ["an id of two parts", (m) => (m.id = "acme.glue"), "id", /reverse DNS/],
    ["an empty name", (m) => (m.name = "  "), "name", /not empty/],
    ["no vendor", (m) => delete m.vendor, "vendor", /is missing/],
    ["a version that is not semver", (m) => (m.version = "1.0"), "version", /semver/],
    ["a prerelease with a leading zero", (m) => (m.version = "1.0.0-01"), "version", /semver/],
    ["a prerelease with an empty part", (m) => (m.version = "1.0.0-a..b"), "version", /semver/],
    ["a number that is too large", (m) => (m.version = "99999999999999999999.0.0"), "version", /semver/],
    ["a name that moves the cursor", (m) => (m.name = "\u001b[2JGlue"), "name", /control characters/],
    ["a description of two lines", (m) => (m.description = "a\nb"), "description", /control characters/],
    ["a vendor written backwards", (m) => (m.vendor = "ecma\u202e"), "vendor", /control characters/],
    ["a description that is no text", (m) => (m.description = 4), "description", /must be a text/],
    ["a licence that is no text", (m) => (m.license = ["MIT"]), "license", /must be a text/],
    ["no features", (m) => (m.features = []), "features", /at least one/],
    ["a feature twice", (m) => m.features.push(m.features[0]), "features[1]", /"utility" is there twice/],
    ["a feature that is no text", (m) => (m.features = [1]), "features[0]", /not empty/],
    ["no entry", (m) => delete m.entry, "entry", /\{"wasm": "file\.wasm"\}/],
    ["two entries", (m) => (m.entry = { wasm: "a", module: "b" }), "entry", /or \{"module"/],
    ["an entry of no kind", (m) => (m.entry = { native: "a.so" }), "entry", /must be/],
    ["no inputs", (m) => delete m.inputs, "inputs", /is missing/],
    ["inputs that are no list", (m) => (m.inputs = {}), "inputs", /must be a list/],
    ["two main inputs", (m) => m.inputs.push({ ...m.inputs[0], id: "b" }), "inputs", /exactly one/],
    ["no main output", (m) => (m.outputs = []), "outputs", /exactly one/],
    ["a port without name", (m) => delete m.inputs[0].name, "inputs[0].name", /is missing/],
    [
      "a port of no role",
      (m) => m.inputs.push({ ...m.inputs[0], id: "b", role: "cv" }),
      "inputs[1].role",
      /main/,
    ],
    ["a port without layouts", (m) => (m.inputs[0].layouts = []), "inputs[0].layouts", /mono, stereo, lcr/],
    ["a layout twice", (m) => m.inputs[0].layouts.push("mono"), "inputs[0].layouts", /a layout twice/],
    ["a layout of no name", (m) => (m.outputs[0].layouts = ["9.9"]), "outputs[0].layouts", /discrete:N/],
    ["a port of 65", (m) => (m.outputs[0].layouts = ["discrete:65"]), "outputs[0].layouts", /1 to 64/],
    [
      "an output that is a sidechain",
      (m) => m.outputs.push({ id: "key", name: "Key", role: "sidechain", layouts: ["mono"] }),
      "outputs[1].role",
      /cannot be a sidechain/,
    ],
    ["params that are no list", (m) => (m.params = "none"), "params", /must be a list/],
    ["a param that is no object", (m) => (m.params[1] = 7), "params[1]", /is not an object/],
    ["a param id with a capital", (m) => (m.params[0].id = "Gain"), "params[0].id", /\[a-z\]/],
    ["a param id twice", (m) => (m.params[1].id = "gainDb"), "params[1].id", /"gainDb" is there twice/],
    ["a param group that is no text", (m) => (m.params[0].group = 1), "params[0].group", /must be a text/],
    ["an unknown unit", (m) => (m.params[0].unit = "furlong"), "params[0].unit", /one of dB, .*Hz/],
    ["an unknown scale", (m) => (m.params[0].scale = "cubic"), "params[0].scale", /linear, log/],
    ["an unknown applies", (m) => (m.params[0].applies = "soon"), "params[0].applies", /live, restart/],
    ["a min that is no number", (m) => (m.params[0].min = "low"), "params[0]", /numbers min and max/],
    ["a max that is missing", (m) => delete m.params[0].max, "params[0]", /numbers min and max/],
    ["min above max", (m) => (m.params[0].min = 13), "params[0]", /min 13 is not below max 12/],
    ["min equal to max", (m) => (m.params[0].min = 12), "params[0]", /is not below/],
    ["a default outside", (m) => (m.params[0].default = 13), "params[0].default", /13 is outside -60 to 12/],
    ["a default that is no number", (m) => (m.params[0].default = null), "params[0].default", /a number/],
    ["a log scale from zero", (m) => (m.params[1].min = 0), "params[1].min", /above 0 for a log scale/],
    ["one choice alone", (m) => m.params[2].choices.splice(1), "params[2].choices", /at least two/],
    ["choices without labels", (m) => delete m.params[2].choices[0].label, "params[2].choices", /"label"/],
    ["a choice twice", (m) => (m.params[2].choices[0].id = "hard"), "params[2].choices", /an id twice/],
    ["choices beside the range", (m) => (m.params[2].max = 3), "params[2]", /of 3 runs from 0 to 2/],
    ["half a choice", (m) => (m.params[2].default = 0.5), "params[2]", /whole default/],
    ["a switch from -1", (m) => (m.params[3].min = -1), "params[3]", /a switch runs from 0 to 1/],
    ["meters that are no list", (m) => (m.meters = 1), "meters", /must be a list/],
    ["a meter of no kind", (m) => (m.meters[0].kind = "vu"), "meters[0].kind", /gain-change, level/],
    ["a meter without range", (m) => delete m.meters[0].min, "meters[0]", /numbers min and max/],
    ["a step that does not divide", (m) => (m.params[0].step = 5), "params[0].step", /5 does not divide/],
    ["a step of 0", (m) => (m.params[0].step = 0), "params[0].step", /above 0/],
    [
      "a default off its step",
      (m) => Object.assign(m.params[0], { step: 6, default: 1 }),
      "params[0].default",
      /1 is not on a step of 6/,
    ],
    ["a power of 0", (m) => (m.params[0].scale = { power: 0 }), "params[0].scale", /above 0/],
    ["an alias of itself", (m) => (m.params[0].aliases = ["gainDb"]), "params[0].aliases", /already/],
    [
      "an alias taken twice",
      (m) => {
        m.params[0].aliases = ["gain"];
        m.params[1].aliases = ["gain"];
      },
      "params[1].aliases",
      /"gain" is the name of a parameter already/,
    ],
    [
      "an alias that is no id",
      (m) => (m.params[0].aliases = ["Ga in"]),
      "params[0].aliases[0]",
      /parameter id/,
    ],
    ["a since that is no version", (m) => (m.params[0].since = "2"), "params[0].since", /semver/],
    ["a legacy outside", (m) => (m.params[0].legacy = 20), "params[0].legacy", /-60 to 12/],
    [
      "a restart parameter that is automatable",
      (m) => (m.params[3].automatable = true),
      "params[3].automatable",
      /cannot be true/,
    ],
    ["hidden by a word", (m) => (m.params[0].hidden = "yes"), "params[0].hidden", /true or false/],
    ["a role of no kind", (m) => (m.params[0].role = "wet"), "params[0].role", /mix, bypass/],
    [
      "two mixes",
      (m) => {
        m.params[0].role = "mix";
        m.params[1].role = "mix";
      },
      "params[1].role",
      /is the mix already/,
    ],
    ["a bypass that is no switch", (m) => (m.params[0].role = "bypass"), "params[0].role", /unit bool/],
    [
      "half a digit",
      (m) => (m.params[0].format = { digits: 0.5 }),
      "params[0].format.digits",
      /whole number/,
    ],
    [
      "a number for a word",
      (m) => (m.params[0].format = { atMin: "-60" }),
      "params[0].format.atMin",
      /a word/,
    ],
    [
      "a choice's label twice",
      (m) => (m.params[2].choices[0].label = "Hard"),
      "params[2].choices",
      /a label/,
    ],
    [
      "a gain change in percent",
      (m) => Object.assign(m.meters[0], { kind: "gain-change", unit: "percent" }),
      "meters[0].unit",
      /must be dB/,
    ],
    ["a preset outside", (m) => (m.presets = ["../a.json"]), "presets[0]", /inside the plugin's folder/],
    ["a resource that is a folder", (m) => (m.resources = ["ir/"]), "resources[0]", /inside/],
    ["an extension without revision", (m) => (m.uses = ["log"]), "uses[0]", /name and a revision/],
    ["an extension of revision 0", (m) => (m.requires = ["log/0"]), "requires[0]", /name and a revision/],
    ["state without a version", (m) => (m.extensions = ["state/1"]), "stateVersion", /is missing/],
    ["a state version alone", (m) => (m.stateVersion = 1), "stateVersion", /needs "state\/1"/],
    [
      "a state version of 0",
      (m) => Object.assign(m, { extensions: ["state/1"], stateVersion: 0 }),
      "stateVersion",
      /from 1/,
    ],
    ["replacing itself", (m) => (m.replaces = [{ id: m.id }]), "replaces[0].id", /the plugin itself/],
    ["replacing nobody", (m) => (m.replaces = [{}]), "replaces[0].id", /a plugin's id/],
    [
      "replacing with a parameter that is not there",
      (m) => (m.replaces = [{ id: "com.example.old", params: { level: "volume" } }]),
      "replaces[0].params.level",
      /"volume" is no parameter/,
    ],
    ["an unknown onFault", (m) => (m.onFault = "explode"), "onFault", /bypass, silence/],
  ];
  test.each(cases)("%s", (_name, spoil, path, message) => {
    const problems = problemsOf(spoilt(spoil));
    expect(problems.map((p) => p.path)).toEqual([path]);
    expect(problems[0].message).toMatch(message);
  });

  test.each([null, undefined, 7, "plugin", true, [], [soundManifest()]])("%j is no manifest", (value) => {
    expect(problemsOf(value)).toEqual([{ path: "", message: "is not a JSON object" }]);
  });
});

test("all problems are told at once", () => {
  const manifest = spoilt((m) => {
    delete m.vendor;
    m.entry = { wasm: "../x" };
    m.params[0].min = 99;
    m.params[1].unit = "furlong";
    m.outputs = [];
  });
  expect(problemsOf(manifest).map((p) => p.path)).toEqual([
    "vendor",
    "entry.wasm",
    "outputs",
    "params[0]",
    "params[1].unit",
  ]);
});

describe("an entry stays in the plugin's folder:", () => {
  const escaping = ["../x", "/abs", "C:\\x", "C:x", "a/../../b", "..", "a/..", "\\\\server\\x", "a\\..\\b"];
  for (const kind of ["wasm", "module"]) {
    test.each([...escaping, "", "file:///etc/passwd", "https://example.com/x.js", 5, null])(
      `${kind} %j is refused`,
      (path) => {
        const problems = problemsOf(spoilt((m) => (m.entry = { [kind]: path })));
        expect(problems).toEqual([
          { path: `entry.${kind}`, message: "must be a path inside the plugin's folder" },
        ]);
      },
    );
    test.each(["a.js", "dist/a.wasm", "./a.js", "a..b.js", "..a/b", "a/...js"])(
      `${kind} %j is taken`,
      (path) => {
        expect(problemsOf(spoilt((m) => (m.entry = { [kind]: path })))).toEqual([]);
      },
    );
  }
});

describe("hostile values", () => {
  test("what is nested a hundred thousand times is one problem, wherever it stands", () => {
    const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    for (const spoil of [(m: Json) => (m.more = deep), (m: Json) => (m.params[0].more = deep)]) {
      const manifest: Json = structuredClone(soundManifest());
      spoil(manifest);
      const check = checkManifest(manifest);
      expect(check.ok ? [] : check.problems).toEqual([{ path: "", message: "is nested too deeply" }]);
    }
  });

  test("a list of a million params is one problem", () => {
    const problems = problemsOf(spoilt((m) => (m.params = new Array(1_000_000).fill({}))));
    expect(problems).toEqual([{ path: "params", message: "has 1000000 entries, at most 1024 are allowed" }]);
  });

  test("names of Object.prototype are ordinary words", () => {
    for (const id of ["constructor", "toString", "hasOwnProperty", "valueOf"]) {
      const manifest = spoilt((m) => (m.params[0].id = id)) as Manifest;
      expect(problemsOf(manifest)).toEqual([]);
      const setup = processSetup(manifest, { sampleRateHz: 48_000, maxFrames: 64, params: {} });
      expect(setup.params[0]).toBe(0);
    }
    expect(problemsOf(spoilt((m) => (m.params[0].unit = "constructor")))).toHaveLength(1);
    expect(problemsOf(JSON.parse('{"__proto__": {"api": "0.1"}}')).length).toBeGreaterThan(5);
  });

  test("no JSON value makes the check throw", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const check = checkManifest(value);
        if (!check.ok) expect(check.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  test("a mutated manifest is refused with problems, or is one that a setup can be made for", () => {
    const places = pathsIn(soundManifest());
    const mutation = fc.record({
      place: fc.constantFrom(...places),
      value: fc.option(anyJson, { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
        const manifest = structuredClone(soundManifest());
        for (const { place, value } of mutations) put(manifest, place, value);
        const check = checkManifest(manifest);
        if (!check.ok) {
          for (const problem of check.problems) {
            expect(typeof problem.path).toBe("string");
            expect(problem.message).not.toBe("");
          }
          return;
        }
        const setup = processSetup(check.manifest, { sampleRateHz: 48_000, maxFrames: 64 });
        for (const [i, param] of check.manifest.params.entries()) {
          expect(setup.params[i]).toBeGreaterThanOrEqual(param.min);
          expect(setup.params[i]).toBeLessThanOrEqual(param.max);
        }
        for (const port of [...setup.inputs, ...setup.outputs]) {
          expect(port.channels).toBeGreaterThanOrEqual(1);
          expect(port.channels).toBeLessThanOrEqual(64);
        }
      }),
      { numRuns: 1500 },
    );
  });
});

const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom("main", "mono", "log", "bool", 0, 1, -1, 1e308, -1e308, "1.0", "a.b.c", "state/1", "5.1"),
);

type Place = readonly (string | number)[];

function pathsIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [at];
  const below = Object.entries(value).flatMap(([key, item]) => pathsIn(item, [...at, key]));
  return at.length === 0 ? below : [at, ...below];
}

/** Puts `value` at a place, or takes away what is there; an earlier mutation may have removed the way to it. */
function put(root: Json, place: Place, value: unknown): void {
  let owner = root;
  for (const key of place.slice(0, -1)) owner = owner?.[key];
  if (typeof owner !== "object" || owner === null) return;
  if (value === undefined) delete owner[place[place.length - 1]];
  else owner[place[place.length - 1]] = structuredClone(value);
}
