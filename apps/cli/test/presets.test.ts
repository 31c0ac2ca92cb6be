/** Presets that plugins bring: listed by `plugin info`, used by --fx. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readAudioFile } from "@gainstage/audio-io";
import { firstPartyFolder } from "@gainstage/host";
import { beforeAll, describe, expect, test } from "vitest";
import { gainstage, scratchFolder, writeMusic } from "./command.ts";

const folder = scratchFolder();
const music = join(folder, "music.wav");
const slapback = JSON.parse(
  readFileSync(join(firstPartyFolder, "delay", "presets", "slapback.json"), "utf8"),
);

beforeAll(() => writeMusic(music));

/** The bytes of `music` through one effect. */
function through(fx: string, ...more: readonly string[]): Buffer {
  const path = join(folder, "out.wav");
  const { code, stderr } = gainstage("process", music, "-o", path, "--force", "--fx", fx, ...more);
  expect(code, stderr).toBe(0);
  return readFileSync(path);
}

const typed = (params: object) =>
  `delay:${Object.entries(params)
    .map(([id, value]) => `${id}=${value}`)
    .join(",")}`;

/** A plugin that multiplies by its first parameter. */
function gainPlugin(name: string, paramId: string, presets: Readonly<Record<string, string>>): string {
  const place = join(folder, name);
  const port = { name: "Port", role: "main", layouts: ["stereo"] };
  const files = {
    "plugin.json": JSON.stringify({
      api: "1.0",
      id: `com.acme.${name}`,
      name,
      vendor: "Acme",
      version: "1.0.0",
      description: "A gain.",
      features: ["gain"],
      entry: { module: "gain.js" },
      inputs: [{ ...port, id: "in" }],
      outputs: [{ ...port, id: "out" }],
      params: [{ id: paramId, name: "Gain", unit: "none", min: 0, max: 10, default: 1 }],
      presets: Object.keys(presets),
    }),
    "package.json": '{ "type": "module" }',
    "gain.js": `export default { activate: () => ({
      latencyFrames: 0, tailFrames: 0, reset() {},
      process({ frames, params, inputs: [input], outputs: [output] }) {
        for (const [c, x] of input.entries()) for (let i = 0; i < frames; i++) output[c][i] = params[0] * x[i];
        return 0;
      },
    }) };`,
    ...presets,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  return place;
}

describe("plugin info", () => {
  test("lists presets: the name that --fx takes, the name for people, when to use it", () => {
    const { code, stdout } = gainstage("plugin", "info", "delay");
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^slapback +Slapback +${slapback.description}$`, "m"));
    expect(stdout).toContain("--fx delay:preset=");
  });

  test("and has them in its JSON", () => {
    const { presetDetails, presets } = JSON.parse(gainstage("plugin", "info", "delay", "--json").stdout);
    expect(presetDetails).toHaveLength(presets.length);
    const { name, description } = slapback;
    expect(presetDetails).toContainEqual({
      preset: "slapback",
      path: "presets/slapback.json",
      name,
      description,
    });
  });

  test("says of one that cannot be read why, and lists the others", () => {
    const good = '{ "name": "Loud", "description": "For the back row.", "params": { "gain": 2 } }';
    const place = gainPlugin("half", "gain", { "presets/loud.json": good, "presets/torn.json": '{ "name"' });
    const { code, stdout } = gainstage("plugin", "info", "com.acme.half", "--plugins", place);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^loud +Loud +For the back row\.$/m);
    expect(stdout).toMatch(/^torn .*its preset presets\/torn\.json cannot be read: /m);
    expect(
      through("com.acme.half:preset=LOUD", "--plugins", place, "--trust-modules").length,
    ).toBeGreaterThan(0);
    const torn = gainstage(
      ...["process", music, "-o", join(folder, "x.wav"), "--trust-modules", "--plugins", place],
      ...["--fx", "com.acme.half:preset=torn"],
    );
    expect(torn.stderr).toContain("its preset presets/torn.json cannot be read");
    expect(torn.code).toBe(4);
  });
});

describe("--fx with a preset", () => {
  test("makes the same bytes as its parameters typed out", () => {
    const expected = through(typed(slapback.params));
    expect(expected.equals(through("delay"))).toBe(false);
    for (const name of ["slapback", "SlapBack", "Slapback"])
      expect(through(`delay:preset=${name}`).equals(expected), name).toBe(true);
  });

  test("takes the preset's name, with the gaps that it has", () => {
    expect(through("delay:preset=vocal THROW").equals(through("delay:preset=vocal-throw"))).toBe(true);
  });

  test("lets parameters after it override it", () => {
    const fx = "delay:preset=slapback,mixPercent=7";
    expect(through(fx).equals(through(typed({ ...slapback.params, mixPercent: 7 })))).toBe(true);
  });

  test("works in master and in play", () => {
    const master = (fx: string) => {
      const ran = gainstage("master", music, "-o", join(folder, "masters"), "--force", "--fx", fx);
      expect(ran.code, ran.stderr).toBe(0);
      return readFileSync(join(folder, "masters", "music.wav"));
    };
    expect(master("delay:preset=slapback").equals(master(typed(slapback.params)))).toBe(true);
    const play = ["play", music, "--sink", "none", "--seconds", "0.1"];
    const played = gainstage(...play, "--fx", "delay:preset=slapback");
    expect(played.code, played.stderr).toBe(0);
    expect(gainstage(...play, "--fx", "delay:preset=slapbak").stderr).toContain("Did you mean slapback?");
  });

  test.each([
    ["delay:preset=slapbak", /has no preset "slapbak"\. Did you mean slapback\? It has .*dub-wash/],
    ["delay:preset=xyz", /has no preset "xyz"\. It has .*dub-wash/],
    ["delay:mixPercent=7,preset=slapback", /a preset comes first; what is named after it overrides it/],
    ["limiter:preset=loud", /limiter: has no presets, and no parameter of that name/],
  ])("refuses %s and says what would be right", (fx, message) => {
    const { code, stderr } = gainstage("process", music, "-o", join(folder, "x.wav"), "--fx", fx);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test("is a parameter like any other where the plugin has one of that id", async () => {
    const preset = '{ "name": "2", "description": "Never meant.", "params": { "preset": 9 } }';
    const place = gainPlugin("own", "preset", { "presets/2.json": preset });
    through("com.acme.own:preset=2", "--plugins", place, "--trust-modules");
    const [before, after] = [await readAudioFile(music), await readAudioFile(join(folder, "out.wav"))];
    for (const [c, channel] of before.audio.channels.entries()) {
      const at = channel.findIndex((x, i) => after.audio.channels[c][i] !== 2 * x);
      expect(at, `the first frame of channel ${c} that is not doubled`).toBe(-1);
    }
  });
});
