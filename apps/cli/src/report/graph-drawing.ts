/** The node graph as a drawing: a lane for each strip and bus, edges that show what they carry by their stroke. */
import { type SortedGraph, sortGraph } from "./graph-lanes.ts";
import { LINE_HEIGHT, laneLabel, layOut, type PlacedNode } from "./graph-layout.ts";
import { type Point, type Route, roundedPath, routes } from "./graph-routes.ts";
import { html, type Markup } from "./markup.ts";
import { latencyLines, nodeName, nodeValue } from "./node-text.ts";
import { framesText } from "./number-text.ts";
import type { GraphReport } from "./report-data.ts";

/** Hues in the stylesheet, one per bus, in turn. */
const HUES = 6;
const ARROW = 5;
/** A wider drawing is printed on a page of its own, lying. */
const WIDEST_UPRIGHT = 1000;

export function graphDrawing(report: GraphReport, id: string): Markup {
  if (report.graph.nodes.length === 0) return html`<p>The graph is empty.</p>`;
  const graph = sortGraph(report);
  const layout = layOut(report, graph);
  const drawn = routes(graph, layout);
  const hueOf = huesOf(graph);
  const { width, height } = layout;
  const title = `${report.title}: node graph`;
  return html`<figure class="${width > WIDEST_UPRIGHT ? "graph wide" : "graph"}" style="--w:${width}px">
<figcaption><span class="chart-title">${report.title}</span><span class="keys">${graphKeys(drawn)}</span></figcaption>
<div class="scroll" role="region" aria-label="${title}" tabindex="0">
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${title}</title><desc id="${id}-d">${summary(report, graph)}</desc>
${[...layout.lanes.values()].map(
  ({ lane, x, y, width: w, height: h, lineY }) =>
    html`<g class="lane"><rect x="${x}" y="${y}" width="${w}" height="${h}" rx="4"/>${
      graph.lanes.length > 1 &&
      (lane.rank === 0
        ? html`<text class="lane-name" x="12" y="${lineY + 4}">${laneLabel(lane)}</text>`
        : html`<rect class="hue ${hueOf.get(lane.id) ?? ""}" x="${x + 6}" y="${y + 7}" width="8" height="8" rx="2"/><text class="lane-name" x="${x + 20}" y="${y + 15}">${laneLabel(lane)}</text>`)
    }</g>`,
)}
${drawn.map((route) => edgePath(route, hueOf))}
${arrows(drawn, hueOf)}
${destinations(drawn, graph, hueOf)}
${[...layout.nodes.values()].map((placed) => nodeBox(report, placed))}
</svg>
</div>
<p class="aside">${
    report.latencyFrames > 0
      ? `Latency of the whole: ${framesText(report.latencyFrames, report.sampleRateHz)}. It is compensated, so every path stays aligned, and it is removed from the result. A box says what it adds and how late what comes in is.`
      : "No effect in this graph adds latency."
  }</p>
</figure>
`;
}

function huesOf(graph: SortedGraph): ReadonlyMap<string, string> {
  // Where everything ends, the master, needs none.
  const end = Math.max(...graph.lanes.map(({ rank }) => rank));
  const buses = graph.lanes.filter(({ rank }) => rank > 0 && rank < end);
  return new Map(buses.map((lane, i) => [lane.id, `hue-${i % HUES}`]));
}

function graphKeys(drawn: readonly Route[]): readonly Markup[] {
  const names = { main: "Signal", send: "Send", sidechain: "Sidechain" } as const;
  const kinds = (["main", "send", "sidechain"] as const).filter((kind) =>
    drawn.some((route) => route.kind === kind),
  );
  return kinds.map(
    (kind) =>
      html`<span class="key"><svg class="swatch" viewBox="0 0 28 12" aria-hidden="true"><path class="edge ${kind}" d="M0 6H28"/></svg>${names[kind]}</span>`,
  );
}

function edgePath({ edge, kind, points, toLane }: Route, hueOf: ReadonlyMap<string, string>): Markup {
  const hue = toLane === null ? "" : ` ${hueOf.get(toLane) ?? ""}`.trimEnd();
  // Drawn from its end, so that dashes of edges on one trunk fall on each other and stay dashes.
  const path = roundedPath([...points].reverse());
  return html`<path class="edge ${kind}${hue}" d="${path}"><title>${edge.from.node} to ${edge.to.node}</title></path>
`;
}

/** One at each place where edges from elsewhere come in. */
function arrows(drawn: readonly Route[], hueOf: ReadonlyMap<string, string>): readonly Markup[] {
  const places = new Map<string, Markup>();
  for (const { toLane, kind, points } of drawn) {
    if (toLane === null) continue;
    const [x, y] = points[points.length - 1];
    const hue = hueOf.get(toLane) ?? "";
    const shape =
      kind === "sidechain"
        ? `M${x} ${y}l-${ARROW / 1.6} -${ARROW}h${ARROW * 1.25}Z`
        : `M${x} ${y}l-${ARROW} -${ARROW / 1.6}v${ARROW * 1.25}Z`;
    places.set(`${x} ${y}`, html`<path class="arrow ${hue}" d="${shape}"/>`);
  }
  return [...places.values()];
}

/** Above the line that leaves a lane: where it goes. */
function destinations(
  drawn: readonly Route[],
  graph: SortedGraph,
  hueOf: ReadonlyMap<string, string>,
): readonly Markup[] {
  const names = new Map<string, { at: Point; texts: string[]; hue: string }>();
  for (const { edge, kind, points, toLane } of drawn) {
    if (toLane === null || kind !== "main") continue;
    const text = laneLabel(graph.laneOf.get(edge.to.node)!);
    const known = names.get(edge.from.node);
    if (known) known.texts.push(text);
    else names.set(edge.from.node, { at: points[0], texts: [text], hue: hueOf.get(toLane) ?? "" });
  }
  return [...names.values()].map(
    ({ at: [x, y], texts, hue }) =>
      html`<text class="destination ${hue}" x="${x + 24}" y="${y - 5}">${texts.join(", ")}</text>`,
  );
}

function nodeBox(report: GraphReport, { node, lines, x, y, width, height }: PlacedNode): Markup {
  const latency = latencyLines(report, node);
  const full = [node.id, nodeName(report, node), nodeValue(report, node), ...latency].join(", ");
  if (node.kind === "send") {
    return html`<g class="node send" data-node="${node.id}"><title>${full}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/><text x="${x + 8}" y="${y + 12}">${lines[0]}</text></g>
`;
  }
  const closed = node.kind === "gain" && node.gainDb === null ? " closed" : "";
  const top = y + (height - lines.length * LINE_HEIGHT) / 2 + 10;
  return html`<g class="node ${node.kind}${closed}" data-node="${node.id}"><title>${full}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="3"/>${lines.map(
    (line, i) =>
      html`<text class="${i === 0 ? "name" : i === 1 ? "value" : "latency"}" x="${x + 8}" y="${top + i * LINE_HEIGHT}">${line}</text>`,
  )}</g>
`;
}

function summary({ graph }: GraphReport, { lanes, edges }: SortedGraph): string {
  const count = (kind: string) => edges.filter((edge) => edge.kind === kind).length;
  const plugins = graph.nodes.filter(({ kind }) => kind === "plugin").length;
  const shape = lanes.length > 1 ? `${lanes.length} strips and buses` : "One chain";
  return `${shape} of ${graph.nodes.length} nodes, ${plugins} of them effects, and ${edges.length} edges, of which ${count("send")} belong to sends and ${count("sidechain")} are sidechains. Every setting stands in the section Settings.`;
}
