import type { AudioMeasurement } from "@gainstage/dsp";
import type { GraphDescription, GraphNode } from "@gainstage/graph";
import type { Manifest } from "@gainstage/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reductionFigures } from "../src/report/gain-reduction.ts";
import { sortGraph } from "../src/report/graph-lanes.ts";
import { layOut } from "../src/report/graph-layout.ts";
import { ceilingVerdict, loudnessVerdict } from "../src/report/key-figures.ts";
import { longestPaths } from "../src/report/longest-path.ts";
import { escapeText, html } from "../src/report/markup.ts";
import { clock, fixed, framesText, panText, signed, trueMinus } from "../src/report/number-text.ts";
import { timeAxis } from "../src/report/plot.ts";
import type { AudioReport, GraphReport, ReportData } from "../src/report/report-data.ts";
import { reportHtml } from "../src/report/report-html.ts";
import { frequencyAxis } from "../src/report/spectrum-chart.ts";
import { STYLES } from "../src/report/styles.ts";
import { envelopeOf } from "../src/report/waveform.ts";

const RATE_HZ = 48_000;
const HOSTILE = `</title><script>alert("1")</script><img src=x onerror='a&b'>\``;

const measured = (levels: Partial<AudioMeasurement> = {}): AudioMeasurement => ({
  sampleRateHz: RATE_HZ,
  channels: 2,
  frames: 4 * RATE_HZ,
  integratedLufs: -14.02,
  loudnessRangeLu: 6.4,
  maxMomentaryLufs: -9.1,
  maxShortTermLufs: -10.2,
  truePeakDbtp: -1.01,
  samplePeakDbfs: -1.4,
  correlation: 0.74,
  ...levels,
});

const silence = (channels: 1 | 2): AudioMeasurement =>
  measured({
    channels,
    integratedLufs: null,
    loudnessRangeLu: null,
    maxMomentaryLufs: null,
    maxShortTermLufs: null,
    truePeakDbtp: null,
    samplePeakDbfs: null,
    correlation: null,
  });

function audio(name: string, amplitude: number, measurement = measured()): AudioReport {
  const sine = Float32Array.from(
    { length: 4 * RATE_HZ },
    (_, n) => amplitude * Math.sin((2 * Math.PI * 440 * n) / RATE_HZ),
  );
  const centresHz = Float64Array.from({ length: 61 }, (_, i) => 1000 * 2 ** ((i - 34) / 6));
  const level = amplitude > 0 ? -14 : null;
  return {
    name,
    sampleRateHz: RATE_HZ,
    channels: [sine, sine],
    measurement,
    momentaryLufs: Array.from({ length: 37 }, () => level),
    shortTermLufs: Array.from({ length: 11 }, () => level),
    correlation: Array.from({ length: 40 }, () => (amplitude > 0 ? 1 : null)),
    spectrum: { centresHz, power: centresHz.map((hz) => amplitude / hz) },
  };
}

const compressor: Manifest = {
  api: "1.0",
  id: "dev.gainstage.compressor",
  name: "Compressor",
  vendor: "Gainstage",
  version: "0.1.0",
  features: ["compressor"],
  entry: { wasm: "dist/compressor.wasm" },
  inputs: [
    { id: "in", name: "Input", role: "main", layouts: ["stereo"] },
    { id: "sidechain", name: "Sidechain", role: "sidechain", layouts: ["stereo"] },
  ],
  outputs: [{ id: "out", name: "Output", role: "main", layouts: ["stereo"] }],
  params: [
    { id: "thresholdDb", name: "Threshold", unit: "dB", min: -60, max: 0, default: -18 },
    { id: "attackMs", name: "Attack", unit: "ms", min: 0.05, max: 250, default: 10, scale: "log" },
  ],
};

/** Two strips into a group, a send each to a return, the first strip into the second one's sidechain. */
function mixGraph(): GraphDescription {
  const nodes: GraphNode[] = [];
  const edges: GraphDescription["edges"][number][] = [];
  const connect = (from: string, to: string, port = "in") =>
    edges.push({ from: { node: from, port: "out" }, to: { node: to, port } });
  const params = { thresholdDb: -24.5 };
  for (const strip of ["kick", "bass"]) {
    nodes.push(
      { kind: "input", id: `${strip}/source`, channels: 1 },
      { kind: "plugin", id: `${strip}/comp`, plugin: compressor.id, params, channels: 1 },
      { kind: "gain", id: `${strip}/fader`, channels: 1, gainDb: strip === "kick" ? null : -6.5 },
      { kind: "pan", id: `${strip}/pan`, channels: 1, pan: -0.25, law: "-3dB" },
      { kind: "send", id: `${strip}/to-hall`, channels: 2, gainDb: -12 },
    );
    connect(`${strip}/source`, `${strip}/comp`);
    connect(`${strip}/comp`, `${strip}/fader`);
    connect(`${strip}/fader`, `${strip}/pan`);
    connect(`${strip}/pan`, `${strip}/to-hall`);
    connect(`${strip}/pan`, "low/in");
    connect(`${strip}/to-hall`, "hall/in");
  }
  connect("kick/pan", "bass/comp", "sidechain");
  for (const bus of ["low", "hall"]) {
    nodes.push(
      { kind: "sum", id: `${bus}/in`, channels: 2 },
      { kind: "gain", id: `${bus}/fader`, channels: 2, gainDb: 0 },
    );
    connect(`${bus}/in`, `${bus}/fader`);
    connect(`${bus}/fader`, "master/in");
  }
  nodes.push({ kind: "sum", id: "master/in", channels: 2 }, { kind: "output", id: "mix", channels: 2 });
  connect("master/in", "mix");
  const lanes: GraphDescription["lanes"] = [
    {
      node: "bass/fader",
      param: "gainDb",
      points: [
        { frame: 0, value: null, curve: "hold" },
        { frame: RATE_HZ, value: -24, curve: "s-curve" },
        { frame: 3 * RATE_HZ, value: -3, curve: "linear" },
      ],
    },
    { node: "bass/pan", param: "pan", points: [{ frame: 0, value: 0.5, curve: "linear" }] },
    {
      node: "bass/comp",
      param: "attackMs",
      points: [
        { frame: 0, value: 1, curve: "exponential" },
        { frame: 2 * RATE_HZ, value: 100, curve: "linear" },
      ],
    },
  ];
  return { nodes, edges, lanes };
}

function graphReport(graph = mixGraph()): GraphReport {
  return {
    title: "Mix",
    sampleRateHz: RATE_HZ,
    graph,
    latencyFrames: 240,
    latencies: new Map([
      ["kick/comp", { inFrames: 0, ownFrames: 240 }],
      ["kick/fader", { inFrames: 240, ownFrames: 0 }],
    ]),
    manifests: new Map([[compressor.id, compressor]]),
    channelNames: new Map([
      ["kick", "Kick in"],
      ["low", "Low end"],
    ]),
  };
}

function reportData(changes: Partial<ReportData> = {}): ReportData {
  return {
    title: "Song",
    gainstageVersion: "1.2.3",
    targetLufs: -14,
    ceilingDbtp: -1,
    stems: [
      { name: "Kick", file: "FLAC, 44.1 kHz, 24 bit, mono", measurement: measured({ correlation: null }) },
    ],
    mix: audio("Mix", 0.25, measured({ integratedLufs: -20, truePeakDbtp: -6, samplePeakDbfs: -6.1 })),
    master: audio("Master", 0.5),
    headroomTrimDb: -1.5,
    driveDb: 4.2,
    gainReduction: [{ name: "Limiter", trace: { secondsPerPoint: 0.01, gainDb: [0, -1, -3, -0.05] } }],
    graphs: [graphReport()],
    notes: ["The stem starts late."],
    ...changes,
  };
}

/** What a reader sees: no styles, tags or attributes. */
const visibleText = (page: string) => page.replace(/<style>.*?<\/style>/s, "").replace(/<[^>]*>/g, " ");
const count = (page: string, pattern: RegExp) => page.match(pattern)?.length ?? 0;

describe("the page", () => {
  const page = reportHtml(reportData());

  it("is one complete document with every section", () => {
    expect(page.startsWith("<!doctype html>")).toBe(true);
    const headings = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map((match) => match[1]);
    expect(headings).toEqual([
      "Levels",
      "Waveforms",
      "Loudness",
      "Spectrum",
      "Gain reduction",
      "Stereo",
      "Stems",
      "Node graphs",
      "Automation",
      "Settings",
      "Notes",
    ]);
    expect(count(page, /<h1>/g)).toBe(1);
    expect(page).toContain("ITU-R BS.1770-5");
    expect(page).toContain("EBU Tech 3341");
    expect(page).toContain("EBU Tech 3342");
    expect(page).toContain("Gainstage 1.2.3");
  });

  it("closes every element that it opens, in order", () => {
    const open: string[] = [];
    const empty = new Set(["meta", "!doctype", "path", "rect"]);
    for (const [, slash, name] of page
      .replace(/<style>.*?<\/style>/s, "")
      .matchAll(/<(\/?)([a-z!][a-z0-9]*)/gi)) {
      if (empty.has(name)) continue;
      if (slash === "") open.push(name);
      else expect(open.pop(), `</${name}>`).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it("needs nothing but itself", () => {
    expect(page).not.toMatch(/<script|<link|<iframe|<object|<embed|@import/i);
    expect(page).not.toMatch(/\b(src|srcset|action|poster)\s*=/i);
    expect(page).not.toMatch(/https?:/i);
    expect(page).not.toMatch(/url\((?!data:)/i);
    expect(page).not.toMatch(/\son[a-z]+=/i);
    for (const [, target] of page.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^#[a-z-]+$/);
    const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="${escapeText(policy)}">`);
  });

  it("gives every drawing a title and a description, and every id once", () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const labels = [...page.matchAll(/aria-labelledby="([^"]*)"/g)];
    expect(labels.length).toBe(count(page, /role="img"/g));
    for (const label of labels) for (const id of label[1].split(" ")) expect(ids).toContain(id);
  });

  it("is the same for the same data", () => {
    expect(reportHtml(reportData()) === page).toBe(true);
  });

  it("writes negative numbers with a true minus", () => {
    expect(visibleText(page)).not.toMatch(/(^|[\s(])-[\d.]/);
    expect(visibleText(page)).toContain("−24.5 dB");
    expect(visibleText(page)).toContain("target −14.0 LUFS");
  });

  it("shows the peak to loudness ratio as true peak minus integrated loudness", () => {
    // -1.01 dBTP - -14.02 LUFS
    expect(page).toContain("<b>13.0</b>");
  });

  it("shows changed parameters with their default, and folds the others", () => {
    expect(page).toMatch(
      /Threshold<\/th><td class="n"><strong>−24\.5 dB<\/strong><\/td><td class="n">−18 dB/,
    );
    expect(page).toMatch(/<details><summary>1 of 2 at their default<\/summary>[\s\S]*?Attack<\/th><td>10 ms/);
    expect(page).toMatch(/Attack<\/th><td class="n"><strong>automated/);
  });

  it("draws every automation lane", () => {
    for (const title of ["bass: fader", "bass: Pan", "bass: Compressor, Attack"]) {
      expect(page).toContain(`<span class="chart-title">${title}</span>`);
    }
    expect(page).toContain("3 points, from −∞ dB at 0:00.0 to −3.0 dB at 0:03.0");
  });
});

describe("what strangers wrote", () => {
  it("is never markup, wherever it stands", () => {
    const graph = graphReport();
    const node: GraphNode = {
      kind: "plugin",
      id: `${HOSTILE}/x`,
      plugin: HOSTILE,
      params: { [HOSTILE]: 1 },
      channels: 2,
    };
    const page = reportHtml(
      reportData({
        title: HOSTILE,
        gainstageVersion: HOSTILE,
        stems: [{ name: HOSTILE, file: HOSTILE, measurement: measured() }],
        mix: audio(HOSTILE, 0.25),
        gainReduction: [{ name: HOSTILE, trace: { secondsPerPoint: 0.01, gainDb: [-1] } }],
        graphs: [
          {
            ...graph,
            title: HOSTILE,
            graph: { ...graph.graph, nodes: [...graph.graph.nodes, node] },
            channelNames: new Map([["kick", HOSTILE]]),
            manifests: new Map([
              [
                compressor.id,
                {
                  ...compressor,
                  name: HOSTILE,
                  version: HOSTILE,
                  params: [{ ...compressor.params[0], name: HOSTILE }],
                },
              ],
            ]),
          },
        ],
        notes: [HOSTILE],
      }),
    );
    expect(page).not.toMatch(/<script|<img|<\/title><script/i);
    expect(page).toContain(escapeText(HOSTILE));
    expect(count(page, /onerror='/g)).toBe(0);
  });

  it("keeps no character that ends a text or an attribute", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(html`<b title="${text}">${text}</b>`.text).toMatch(/^<b title="[^"<>]*">[^<>]*<\/b>$/);
      }),
    );
  });

  it("comes back unchanged once a browser has read it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const read = escapeText(text).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));
        expect(read).toBe(text);
      }),
    );
  });
});

describe("what is missing", () => {
  it("never prints null, undefined, NaN or Infinity", () => {
    const quiet = reportHtml(
      reportData({
        stems: [
          { name: "Empty", file: "WAV", measurement: silence(1) },
          {
            name: "Short",
            file: "WAV",
            measurement: { ...silence(2), samplePeakDbfs: -3, truePeakDbtp: -3 },
          },
        ],
        mix: audio("Mix", 0, silence(2)),
        master: audio("Master", 0, silence(2)),
        gainReduction: [{ name: "Limiter", trace: { secondsPerPoint: 0.01, gainDb: [] } }],
      }),
    );
    for (const page of [quiet, reportHtml(reportData())]) {
      expect(page.replace(/<style>.*?<\/style>/s, "")).not.toMatch(/\bnull\b|undefined|NaN|Infinity/);
    }
    expect(quiet).toMatch(/Empty<\/th><td class="file">WAV<\/td><td class="n">−∞<\/td>/);
    expect(quiet).toMatch(/Short<\/th><td class="file">WAV<\/td><td class="n">n\/a<\/td>/);
    expect(quiet).toContain("never at work");
    expect(quiet).toContain("no loudness to measure");
  });

  it("leaves a mono song, no stems, no graphs and no audio at all standing", () => {
    const none = { ...audio("Master", 0, { ...silence(1), frames: 0 }), channels: [new Float32Array(0)] };
    const page = reportHtml(
      reportData({
        stems: [],
        graphs: [],
        gainReduction: [],
        notes: [],
        mix: { ...none, momentaryLufs: [], shortTermLufs: [], correlation: [] },
        master: { ...none, momentaryLufs: [], shortTermLufs: [], correlation: [] },
      }),
    );
    expect(page).toContain("Mono material has no stereo correlation.");
    expect(page).toContain("No stems");
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("refuses a number that is not finite instead of drawing it", () => {
    expect(() => reportHtml(reportData({ targetLufs: Number.NaN }))).toThrow(RangeError);
  });
});

describe("the verdicts", () => {
  it("pass a loudness within half an LU of the target, and say by how much it is off", () => {
    expect(loudnessVerdict(-14.02, -14)).toEqual({ pass: true, text: "target −14.0 LUFS, met" });
    expect(loudnessVerdict(-14.5, -14)).toEqual({ pass: true, text: "target −14.0 LUFS, off by −0.5 LU" });
    expect(loudnessVerdict(-11.4, -14)).toEqual({ pass: false, text: "target −14.0 LUFS, off by +2.6 LU" });
    expect(loudnessVerdict(null, -14).pass).toBe(false);
  });

  it("fail a true peak that is above the ceiling by anything", () => {
    expect(ceilingVerdict(-1, -1).pass).toBe(true);
    expect(ceilingVerdict(-0.98, -1)).toEqual({ pass: false, text: "ceiling −1.00 dBTP, over by 0.02 dB" });
    expect(ceilingVerdict(null, -1).pass).toBe(true);
  });
});

describe("numbers", () => {
  it("have fixed digits, a true minus and no sign on zero", () => {
    expect(fixed(-14)).toBe("−14.0");
    expect(fixed(-0.04)).toBe("0.0");
    expect(signed(0.04)).toBe("0.0");
    expect(signed(2.345, 2)).toBe("+2.35");
    expect(trueMinus("-18 dB")).toBe("−18 dB");
    expect(trueMinus("R-78")).toBe("R-78");
    expect(clock(76.2, 1)).toBe("1:16.2");
    expect(clock(59.96, 1)).toBe("1:00.0");
    expect(clock(5)).toBe("0:05");
    expect(panText(-0.35)).toBe("L 35 %");
    expect(panText(0.001)).toBe("centre");
    expect(framesText(240, 48_000)).toBe("240 fr, 5.0 ms");
  });

  it("of gain reduction are over the time at work", () => {
    const { mostDb, meanActiveDb, active } = reductionFigures({
      secondsPerPoint: 0.01,
      gainDb: [0, -1, -3, -0.05],
    });
    expect(mostDb).toBe(3);
    expect(meanActiveDb).toBe(2);
    expect(active).toBe(0.5);
  });
});

describe("the palettes", () => {
  it("give every colour of text a contrast of at least 4.5:1 on every ground it stands on, WCAG 2 SC 1.4.3", () => {
    const blocks = [...STYLES.text.matchAll(/:root\{([^}]*)\}/g)];
    expect(blocks.length).toBe(2);
    for (const [, block] of blocks) {
      const colours = new Map(
        [...block.matchAll(/--([\w-]+):(#[0-9a-f]+)/g)].map((m) => [m[1], luminance(m[2])]),
      );
      const texts = [...colours.keys()].filter((name) => !/^(paper|panel|box|rule|grid|strong)$/.test(name));
      expect(texts).toContain("muted");
      for (const text of texts) {
        for (const ground of ["paper", "panel", "box"]) {
          const [a, b] = [colours.get(text)!, colours.get(ground)!];
          expect((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), `${text} on ${ground}`).toBeGreaterThan(
            4.5,
          );
        }
      }
    }
  });
});

/** Relative luminance of "#abc" or "#aabbcc", WCAG 2. */
function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&") : colour.slice(1);
  const [r, g, b] = [0, 2, 4].map((i) => {
    const value = Number.parseInt(digits.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe("the charts", () => {
  it("take peaks and RMS of every frame into one column each", () => {
    // A hundred frames to a column, one of them at -0.9.
    const channel = new Float32Array(200).fill(0.5);
    channel[150] = -0.9;
    const { lowest, highest, rms } = envelopeOf([channel], 2);
    expect(highest[0]).toBeCloseTo(0.5, 6);
    expect(lowest[0]).toBe(0);
    expect(rms[0]).toBeCloseTo(0.5, 6);
    expect(lowest[1]).toBeCloseTo(-0.9, 6);
    expect(rms[1]).toBeCloseTo(Math.sqrt((99 * 0.25 + 0.81) / 100), 6);
  });

  it("have at most ten ticks of time, whatever the song's length", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 36_000, noNaN: true }), (seconds) => {
        const { ticks } = timeAxis(seconds);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(11);
        expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
      }),
    );
  });

  it("give each octave the same width from 20 Hz to 20 kHz", () => {
    const { at } = frequencyAxis();
    expect(at(20)).toBe(0);
    expect(at(20_000)).toBeCloseTo(1, 12);
    expect(at(80) - at(40)).toBeCloseTo(at(8000) - at(4000), 12);
  });
});

describe("the graph drawing", () => {
  it("shows every node and every edge once", () => {
    const page = reportHtml(reportData());
    const { nodes, edges } = mixGraph();
    for (const { id } of nodes) expect(page.split(`data-node="${id}"`).length - 1, id).toBe(1);
    for (const { from, to } of edges) {
      const title = `<title>${from.node} to ${to.node}</title>`;
      expect(page.split(title).length - 1, title).toBe(1);
    }
    expect(count(page, /data-node=/g)).toBe(nodes.length);
    expect(count(page, /<path class="edge [^>]*><title>/g)).toBe(edges.length);
  });

  it("tells sends and sidechains by their stroke", () => {
    const page = reportHtml(reportData());
    expect(page).toMatch(/class="edge sidechain"[^>]*><title>kick\/pan to bass\/comp</);
    expect(page).toMatch(/class="edge send[^"]*"[^>]*><title>kick\/to-hall to hall\/in</);
    expect(page).toMatch(/class="edge main[^"]*"[^>]*><title>kick\/pan to low\/in</);
  });

  it("says what a node adds to the latency and how late its input is", () => {
    const page = reportHtml(reportData());
    expect(page).toContain(">adds 240 fr, 5.0 ms</text>");
    expect(page).toContain(">in 240 fr, 5.0 ms</text>");
  });

  it("puts strips to the left, buses right of what feeds them, and no box on another", () => {
    const report = graphReport();
    const graph = sortGraph(report);
    expect(graph.lanes.map(({ id, rank }) => `${id} ${rank}`)).toEqual([
      "kick 0",
      "bass 0",
      "low 1",
      "hall 1",
      "master 2",
    ]);
    const boxes = [...layOut(report, graph).nodes.values()];
    for (const [i, a] of boxes.entries()) {
      for (const b of boxes.slice(i + 1)) {
        const apart =
          a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart, `${a.node.id} and ${b.node.id}`).toBe(true);
      }
    }
  });

  it("lets every main edge lead to the right in any graph", () => {
    const arcs = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 60 });
    fc.assert(
      fc.property(arcs, (pairs) => {
        const ids = Array.from({ length: 20 }, (_, i) => `n${i}`);
        const forward = pairs.filter(([a, b]) => a < b).map(([a, b]) => ({ from: `n${a}`, to: `n${b}` }));
        const depths = longestPaths(ids, forward);
        for (const { from, to } of forward) expect(depths.get(to)!).toBeGreaterThan(depths.get(from)!);
      }),
    );
  });

  it("still draws a graph that has a cycle", () => {
    const nodes: GraphNode[] = ["a/in", "b/in"].map((id) => ({ kind: "sum", id, channels: 2 }));
    const edges = [
      { from: { node: "a/in", port: "out" }, to: { node: "b/in", port: "in" } },
      { from: { node: "b/in", port: "out" }, to: { node: "a/in", port: "in" } },
    ];
    const page = reportHtml(reportData({ graphs: [graphReport({ nodes, edges })] }));
    expect(count(page, /<path class="edge [^>]*><title>/g)).toBe(2);
  });
});
