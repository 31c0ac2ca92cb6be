/**
 * The museum: of each published minor of the plugin API a plugin as it was built then, and a session as it was saved.
 *
 * museum/API/ holds the plugin's folder and session.json. An exhibit that this host's API runs renders, for ever, to the
 * samples of its golden digest; one of another major version is refused, and its session loses nothing by it.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createHost, type Host } from "@gainstage/host";
import { API_VERSION, negotiate } from "@gainstage/plugin-api";
import { decodeSession, encodeSession, readSession, type Session, sessionToJson } from "@gainstage/session";
import { describe, expect, test } from "vitest";
import { renderMix } from "../src/index.ts";

const museum = fileURLToPath(new URL("../museum/", import.meta.url));
const exhibits = readdirSync(museum).sort();

/** SHA-256 of the mix, left then right, as little-endian floats. Never changed; what is new gets a new line. */
const GOLDEN: Readonly<Record<string, string>> = {
  "1.0": "014612ff8605e87a65c7feac5008fd6068561f8fbd5261c78aa150ddb4ac4963",
};

const hostOf = (api: string) => createHost({ pluginFolders: [`${museum}${api}`] });
const bytesOf = (api: string) => readFileSync(`${museum}${api}/session.json`);

/** Noise of its own for every strip, by the linear congruence of Numerical Recipes. */
function stemsOf(session: Session): Map<string, Float32Array[]> {
  const frames = session.lengthSeconds! * session.sampleRateHz;
  return new Map(
    session.strips.map(({ id }, k) => {
      let state = 1 + k;
      const channel = Float32Array.from({ length: frames }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        return state / 2 ** 33;
      });
      return [id, [channel]];
    }),
  );
}

async function mix(host: Host, session: Session, blockFrames: number) {
  const made = await renderMix(host, { session, stems: stemsOf(session), blockFrames });
  const hash = createHash("sha256");
  for (const channel of made.channels) hash.update(new Uint8Array(channel.slice().buffer));
  return { ...made, digest: hash.digest("hex") };
}

test("every published minor has its exhibit, down to 0.1", () => {
  expect(exhibits).toEqual(["0.1", ...Object.keys(GOLDEN)]);
  expect(exhibits).toContain(API_VERSION);
});

for (const api of exhibits) {
  const runs = negotiate(api).ok;
  describe(`the exhibit of API ${api}`, () => {
    if (runs)
      test("renders to its golden digest, in blocks of any size", async () => {
        const session = readSession(bytesOf(api));
        for (const blockFrames of [512, 77]) {
          const { digest, faults, placeholders } = await mix(hostOf(api), session, blockFrames);
          expect([faults, placeholders]).toEqual([[], []]);
          expect(digest, `in blocks of ${blockFrames}`).toBe(GOLDEN[api]);
        }
      });

    if (!runs)
      test("is refused before its code is looked at, with both versions and both remedies", () => {
        const [refused, ...others] = hostOf(api).catalog.refused;
        expect(others).toEqual([]);
        expect(refused.code).toBe("api-too-old");
        for (const part of [
          `plugin API ${api}`,
          `this host has ${API_VERSION}`,
          "update the plugin",
          `a host of API ${api}`,
        ])
          expect(refused.message).toContain(part);
      });

    if (!runs)
      test("has a stand-in in its session: its strip is heard as it is", async () => {
        const session = readSession(bytesOf(api));
        const { digest, placeholders } = await mix(hostOf(api), session, 512);
        expect(placeholders).toHaveLength(1);
        const strips = session.strips.map((strip) => ({ ...strip, inserts: [] }));
        const without = {
          ...session,
          strips,
          lanes: session.lanes.filter(({ param }) => !param.includes(".")),
        };
        expect(digest).toBe((await mix(hostOf(api), without, 512)).digest);
      });

    test("has a session that is written again as it was, byte for byte of its state", () => {
      const text = bytesOf(api).toString();
      const session = readSession(bytesOf(api));
      expect(JSON.parse(sessionToJson(session))).toMatchObject(JSON.parse(text));
      expect(sessionToJson(decodeSession(encodeSession(session)))).toBe(sessionToJson(session));
    });
  });
}
