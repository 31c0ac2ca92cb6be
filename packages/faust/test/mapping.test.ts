import { describe, expect, test } from "vitest";
import { compileProgram } from "../src/faust-compiler.ts";
import { widgetsOf } from "../src/faust-json.ts";
import { channelsOfProgram, type ManifestOptions, manifestOf } from "../src/manifest-map.ts";
import { mapWidgets } from "../src/param-map.ts";

async function mapped(source: string, options: ManifestOptions = {}) {
  const { description } = await compileProgram(source, { fileName: "box.dsp", double: false, libraries: {} });
  const widgets = mapWidgets(widgetsOf(description), "box.dsp");
  const warnings = [...widgets.warnings];
  const given = { id: "com.example.box", ...options, fileName: "box.dsp", file: "box.wasm" };
  const manifest = manifestOf(description, widgets, given, (text) => warnings.push(text));
  return { ...widgets, manifest, warnings, description };
}

/** A program with these widgets, each multiplied in. */
const withWidgets = (...widgets: string[]) => `process = _ ${widgets.map((w) => `: *(${w})`).join(" ")};`;
const param = async (widget: string) => {
  const { manifest, warnings } = await mapped(withWidgets(widget));
  return { ...manifest.params[0], warnings };
};

describe("sliders", () => {
  test("take their range, unit and scale, and no step from the step of a knob", async () => {
    const source = withWidgets('hslider("Cut Off[unit:Hz][scale:log]", 1000, 20, 20000, 0.01)');
    expect((await mapped(source)).manifest.params).toEqual([
      { id: "cutOff", name: "Cut Off", unit: "Hz", min: 20, max: 20_000, default: 1000, scale: "log" },
    ]);
  });

  test.each([
    ["dB", "dB"],
    ["ms", "ms"],
    ["sec", "s"],
    ["%", "percent"],
    ["semitones", "semitone"],
    ["deg", "degree"],
    ["samples", "frames"],
    ["BPM", "bpm"],
  ])("say %s as %s", async (text, unit) => {
    expect((await param(`vslider("x[unit:${text}]", 1, 0, 4, 0.1)`)).unit).toBe(unit);
  });

  test("with a unit that nobody knows have none, and a warning", async () => {
    const { unit, warnings } = await param('hslider("Rate[unit:kHz]", 1, 0, 4, 0.1)');
    expect(unit).toBe("none");
    expect(warnings[0]).toContain("kHz");
  });

  test("with a log scale from 0 move by squares, with a warning", async () => {
    const { scale, warnings } = await param('hslider("Rate[scale:log]", 1, 0, 4, 0.1)');
    expect(scale).toEqual({ power: 2 });
    expect(warnings[0]).toContain("log");
  });

  test("that have nothing to set are refused", async () => {
    await expect(param('hslider("Stuck", 1, 1, 1, 0.1)')).rejects.toThrow(
      'box.dsp: "Stuck" runs from 1 to 1',
    );
  });
});

test("a numerical entry of whole numbers has steps, one with a unit has none", async () => {
  expect((await param('nentry("Stages", 4, 1, 8, 1)')).step).toBe(1);
  expect((await param('nentry("Delay[unit:ms]", 4, 1, 8, 1)')).step).toBeUndefined();
});

test("a checkbox is a switch, a button a hidden one", async () => {
  expect(await param('checkbox("Invert")')).toMatchObject({
    id: "invert",
    unit: "bool",
    min: 0,
    max: 1,
    default: 0,
  });
  expect(await param('button("Tap")')).toMatchObject({ id: "tap", unit: "bool", hidden: true });
});

test("radio buttons are choices, with ids of their own", async () => {
  const { choices, default: initial } = await param(
    `nentry("Wave[style:radio{'Sine':0;'Saw up':2;'Saw-up':5}]", 5, 0, 5, 1)`,
  );
  expect(choices).toEqual([
    { id: "sine", label: "Sine" },
    { id: "sawUp", label: "Saw up" },
    { id: "sawUp2", label: "Saw-up" },
  ]);
  expect(initial).toBe(2);
});

describe("ids", () => {
  test("are the path, whatever stands around it", async () => {
    const gain = 'hslider("Gain", 0, 0, 1, 0.1)';
    const both = await mapped(
      `process = hgroup("All", _ : *(vgroup("Band 1", ${gain})) : *(vgroup("Band 2", ${gain})));`,
    );
    expect(both.manifest.params.map(({ id, group }) => [id, group])).toEqual([
      ["band1.gain", "Band 1"],
      ["band2.gain", "Band 2"],
    ]);
  });

  test("are unique, begin with a letter, and may be given", async () => {
    const sliders = ["2nd[0]", "a b", "A-B", "HF"].map(
      (label, i) => `hslider("[${i}]${label}", 0, 0, 1, 0.1)`,
    );
    const given = 'hslider("[9]Mix[id:mixPercent][role:mix]", 0, 0, 100, 1)';
    const { manifest } = await mapped(withWidgets(...sliders, given));
    expect(manifest.params.map(({ id }) => id)).toEqual(["p2nd", "aB", "aB2", "hf", "mixPercent"]);
    expect(manifest.params.at(-1)?.role).toBe("mix");
  });

  test("that are no ids, or there twice, are refused", async () => {
    await expect(param('hslider("x[id:Big Mix]", 0, 0, 1, 0.1)')).rejects.toThrow("[id:Big Mix] is no id");
    const twice = ["a", "b"].map((label) => `hslider("${label}[id:same]", 0, 0, 1, 0.1)`);
    await expect(mapped(withWidgets(...twice))).rejects.toThrow("[id:same] is there twice");
  });
});

test("bargraphs are meters of the kind that they say", async () => {
  const bar = (label: string, min: number, max: number) =>
    `attach(x, x : hbargraph("${label}", ${min}, ${max}))`;
  const { manifest } = await mapped(
    `process(x) = ${bar("Level[unit:dB]", -60, 0)} + ${bar("Reduction[unit:dB][meter:gain-change]", -40, 0)} + ${bar("Sweep", 0, 1)};`,
  );
  expect(manifest.meters).toEqual([
    { id: "level", name: "Level", kind: "level", unit: "dB", min: -60, max: 0 },
    { id: "reduction", name: "Reduction", kind: "gain-change", unit: "dB", min: -40, max: 0 },
    { id: "sweep", name: "Sweep", kind: "scalar", unit: "none", min: 0, max: 1 },
  ]);
});

describe("the manifest", () => {
  const declarations = `declare name "Big Box"; declare gainstage_id "com.acme.big-box"; declare author "Acme";
    declare version "2.1"; declare license "MIT"; declare features "reverb, delay";`;

  test("is what the program declares", async () => {
    const { manifest, warnings } = await mapped(`${declarations} process = _, _;`, {
      id: undefined,
    } as unknown as ManifestOptions);
    expect(manifest).toMatchObject({
      api: "1.0",
      id: "com.acme.big-box",
      name: "Big Box",
      vendor: "Acme",
      version: "2.1.0",
      license: "MIT",
      features: ["reverb", "delay"],
      entry: { wasm: "box.wasm" },
      outputs: [{ layouts: ["stereo"] }],
    });
    expect(warnings).toEqual([]);
  });

  test("takes an option before a declaration, and that before the last manifest", async () => {
    const before = { name: "Old", vendor: "Old", onFault: "silence", presets: ["presets/a.json"] } as const;
    const { manifest } = await mapped(`${declarations} process = _;`, { name: "Mine", before });
    expect(manifest).toMatchObject({
      name: "Mine",
      vendor: "Acme",
      onFault: "silence",
      presets: ["presets/a.json"],
    });
    const undeclared = await mapped("process = _;", { before: { ...before, features: ["delay"] } });
    expect(undeclared.manifest).toMatchObject({ name: "Old", vendor: "Old", features: ["delay"] });
  });

  test("keeps what an author wrote about a parameter", async () => {
    const slider = 'hslider("Gain[unit:dB]", 0, -60, 12, 0.1)';
    const { manifest } = await mapped(withWidgets(slider));
    const edited = {
      ...manifest,
      params: [{ ...manifest.params[0], format: { atMin: "off" }, min: -99, aliases: ["level"] }],
    };
    const again = await mapped(withWidgets(slider), { before: edited });
    expect(again.manifest.params[0]).toEqual({
      ...manifest.params[0],
      format: { atMin: "off" },
      aliases: ["level"],
    });
  });
});

describe("programs that are no effects", () => {
  const channels = async (source: string) =>
    channelsOfProgram(
      (
        await mapped(source).catch(async () =>
          compileProgram(source, { fileName: "box.dsp", double: false, libraries: {} }),
        )
      ).description,
      "box.dsp",
    );

  test.each([
    ["process = 1;", "it has 0 inputs and 1 outputs: a generator is no effect"],
    [
      "process = _, _, _;",
      "it has 3 inputs and 3 outputs: an effect has one main input and one output, or two of each",
    ],
    ["process = _ <: _, _;", "it has 1 inputs and 2 outputs"],
    ['declare sidechain "1"; process = +;', undefined],
    ['declare sidechain "1"; process = _;', "it has 1 inputs, 1 of them a sidechain, and 1 outputs"],
    ['declare sidechain "lots"; process = _;', "it must be 0, 1 or 2 inputs"],
  ])("%s", async (source, message) => {
    if (message === undefined) expect(await channels(source)).toEqual({ main: 1, sidechain: 1 });
    else await expect(channels(source)).rejects.toThrow(message);
  });
});
