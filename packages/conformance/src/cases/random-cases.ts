/** Random runs of a plugin, drawn by fast-check: its values lean to small ones and to the ends of ranges. */
import { fromKnob, type Layout, type Manifest, type ParamInfo } from "@gainstage/plugin-api";
import fc from "fast-check";
import { CASE_FRAMES, type Case, type Change, type Song } from "./case.ts";

/** What of a case is drawn. The rest has its default. */
export interface Drawn {
  readonly frames?: number;
  readonly params?: boolean;
  readonly blocks?: boolean;
  readonly changes?: boolean;
  readonly song?: boolean;
  readonly ports?: boolean;
}

/** Knob positions, so that a logarithmic range is met evenly. */
const KNOB_STEPS = 64;

export function paramValues(param: ParamInfo): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: KNOB_STEPS }).map((knob) => fromKnob(param, knob / KNOB_STEPS));
}

export function paramSets({ params }: Manifest): fc.Arbitrary<Record<string, number>> {
  const values = Object.fromEntries(params.map((p) => [p.id, paramValues(p)]));
  return fc.record(values, { requiredKeys: [] }) as fc.Arbitrary<Record<string, number>>;
}

/** Parameters that act while the plugin runs. */
export function liveParams({ params }: Manifest): readonly ParamInfo[] {
  return params.filter((p) => p.applies !== "restart");
}

export function changeLists(manifest: Manifest, frames: number): fc.Arbitrary<readonly Change[]> {
  const live = liveParams(manifest);
  if (live.length === 0) return fc.constant([]);
  const change = fc.constantFrom(...live).chain((param) =>
    fc.record({
      frame: fc.nat({ max: frames - 1 }),
      param: fc.constant(param.id),
      value: paramValues(param),
    }),
  );
  return fc.array(change, { maxLength: 12 });
}

export const blockLists: fc.Arbitrary<readonly number[]> = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 1024 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 128, 1024)),
  { minLength: 1, maxLength: 12 },
);

const MAX_BPM = 999;
const tempos = fc.oneof(fc.constantFrom(1, MAX_BPM), fc.double({ min: 1, max: MAX_BPM, noNaN: true }));

/** Frames from the start of the song, or of the part that is heard, to changes of its tempo. */
const tempoSteps = fc.array(
  fc.record({ frames: fc.integer({ min: 1, max: CASE_FRAMES / 2 }), tempoBpm: tempos }),
  {
    maxLength: 3,
  },
);

const plainSongs: fc.Arbitrary<Song> = fc.record(
  {
    tempoBpm: tempos,
    playing: fc.boolean(),
    from: fc.integer({ min: -200_000, max: 10_000_000 }),
    numerator: fc.integer({ min: 1, max: 32 }),
    denominator: fc.constantFrom(1, 2, 4, 8, 16, 32),
    loopFrames: fc.integer({ min: 64, max: 3000 }),
    jumps: fc.array(
      fc.record({ at: fc.nat({ max: CASE_FRAMES }), to: fc.integer({ min: -1000, max: 10_000_000 }) }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ["tempoBpm"] },
);

export const songs: fc.Arbitrary<Song> = fc.tuple(plainSongs, tempoSteps).map(([song, steps]) => {
  if (steps.length === 0) return song;
  let frame = Math.max(0, song.from ?? 0);
  const tempoChanges = steps.map(({ frames, tempoBpm }) => {
    frame += frames;
    return { frame, tempoBpm };
  });
  return { ...song, tempoChanges };
});

/** The layouts that both main ports take. */
export function layoutsOf(manifest: Manifest): readonly Layout[] {
  const main = (ports: Manifest["inputs"]) => ports.find((p) => p.role === "main")!.layouts;
  const both = main(manifest.inputs).filter((layout) => main(manifest.outputs).includes(layout));
  return both.length > 0 ? both : main(manifest.inputs);
}

/** Ports that may be left unconnected, by id. */
export function optionalPorts({ inputs, outputs }: Manifest): readonly string[] {
  return [...inputs, ...outputs].filter((p) => p.role !== "main").map((p) => p.id);
}

export function randomCases(manifest: Manifest, drawn: Drawn): fc.Arbitrary<Case> {
  const { frames = CASE_FRAMES } = drawn;
  const optional = optionalPorts(manifest);
  const parts: Record<string, fc.Arbitrary<unknown>> = {
    frames: fc.constant(frames),
    signal: fc.record({ kind: fc.constant("noise"), seed: fc.integer({ min: 1, max: 999 }) }),
    ...(drawn.params && { params: paramSets(manifest) }),
    ...(drawn.blocks && { blocks: blockLists }),
    ...(drawn.changes && { changes: changeLists(manifest, frames) }),
    ...(drawn.song && { transport: songs }),
    ...(drawn.ports && {
      layout: fc.constantFrom(...layoutsOf(manifest)),
      connected: fc.constantFrom([], [...optional]),
    }),
  };
  return fc.record(parts) as fc.Arbitrary<Case>;
}
