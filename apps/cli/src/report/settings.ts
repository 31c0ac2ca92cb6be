/** Every setting of a graph with its unit, channel by channel: what was changed in full view, the defaults folded. */
import type { GraphNode } from "@gainstage/graph";
import type { Manifest, ParamInfo } from "@gainstage/plugin-api";
import { formatParam } from "@gainstage/plugin-api";
import { type GainNode, type Lane, sortGraph } from "./graph-lanes.ts";
import { html, type Markup } from "./markup.ts";
import { nodeName, nodeValue, partOf } from "./node-text.ts";
import { trueMinus } from "./number-text.ts";
import type { GraphReport } from "./report-data.ts";

type PluginNode = Extract<GraphNode, { kind: "plugin" }>;

export function settings(report: GraphReport): Markup {
  const { lanes, laneOf } = sortGraph(report);
  const contents = (lane: Lane) =>
    html`${levels(report, lane, laneOf)}${lane.nodes.map(({ node }) => node.kind === "plugin" && pluginSettings(report, node))}`;
  if (lanes.length === 1)
    return html`<div class="chain">${contents(lanes[0])}</div>
`;
  return html`<div class="channels">${lanes.map(
    (lane) => html`
<section class="channel">
<h4>${lane.name}</h4>
${contents(lane)}</section>`,
  )}
</div>
`;
}

/** Trim, fader, pan, sends and where the channel goes. */
function levels(report: GraphReport, lane: Lane, laneOf: ReadonlyMap<string, Lane>): Markup | false {
  const rows: (readonly [string, string])[] = [];
  for (const { node } of lane.nodes) {
    if (node.kind === "gain") rows.push([nodeName(report, node), wordsFor(report, node)]);
    if (node.kind === "pan") rows.push(["Pan", `${nodeValue(report, node)} (${lawText(node.law)})`]);
    if (node.kind === "delay") rows.push(["Delay", nodeValue(report, node)]);
  }
  for (const node of lane.sends) {
    const target = report.graph.edges.find(({ from }) => from.node === node.id)?.to.node;
    const name = target === undefined ? "nowhere" : laneOf.get(target)!.name;
    rows.push([`Send to ${name}`, wordsFor(report, node)]);
  }
  const own = new Set(lane.nodes.map(({ node }) => node.id));
  const outputs = report.graph.edges
    .filter(({ from, to }) => own.has(from.node) && laneOf.get(to.node) !== lane && to.port === "in")
    .map(({ to }) => laneOf.get(to.node)!.name);
  if (outputs.length > 0) rows.push(["Output", [...new Set(outputs)].join(", ")]);
  if (rows.length === 0) return false;
  return html`<dl class="levels">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
`;
}

function wordsFor(report: GraphReport, node: GainNode): string {
  const value = nodeValue(report, { ...node, invert: false });
  return `${value}${node.gainDb === null ? " (closed)" : ""}${node.invert ? ", polarity inverted" : ""}`;
}

function lawText(law: string): string {
  return law === "balance" ? "balance" : `${trueMinus(law.replace("dB", " dB"))} law`;
}

function pluginSettings(report: GraphReport, node: PluginNode): Markup {
  const manifest = report.manifests.get(node.plugin);
  const part = partOf(node.id);
  const caption = html`${nodeName(report, node)}<small>${manifest ? `${part}, version ${manifest.version}` : part}</small>`;
  if (!manifest) return unknownPlugin(caption, node);
  const driven = new Set(
    report.graph.lanes?.filter((lane) => lane.node === node.id).map((lane) => lane.param),
  );
  const plainValue = (param: ParamInfo) => node.params[param.id] ?? param.default;
  const changed = manifest.params.filter((p) => driven.has(p.id) || plainValue(p) !== p.default);
  const kept = manifest.params.filter((param) => !changed.includes(param));
  return html`<div class="plugin"><table class="params">
<caption>${caption}</caption>
${
  changed.length > 0
    ? html`<thead><tr><th scope="col">Changed</th><th scope="col" class="n">Value</th><th scope="col" class="n">Default</th></tr></thead>
<tbody>${changed.map(
        (param) =>
          html`<tr><th scope="row">${paramName(param)}</th><td class="n"><strong>${driven.has(param.id) ? "automated" : valueText(param, plainValue(param))}</strong></td><td class="n">${valueText(param, param.default)}</td></tr>
`,
      )}</tbody>`
    : html`<tbody><tr><td>Every parameter at its default.</td></tr></tbody>`
}</table>
${kept.length > 0 && keptSettings(manifest, kept)}</div>
`;
}

/** Grouped parameters, an equalizer's bands, take one row per group. */
function keptSettings(manifest: Manifest, kept: readonly ParamInfo[]): Markup {
  const groups = new Map<string, ParamInfo[]>();
  for (const param of kept) {
    const group = param.group ?? param.id;
    const members = groups.get(group);
    if (members) members.push(param);
    else groups.set(group, [param]);
  }
  return html`<details><summary>${kept.length} of ${manifest.params.length} at their default</summary>
<table class="params kept"><tbody>${[...groups.values()].map((members) => {
    const [{ group, name }] = members;
    const text = members.map(
      (param) => `${group === undefined ? "" : `${param.name} `}${valueText(param, param.default)}`,
    );
    return html`<tr><th scope="row">${group ?? name}</th><td>${text.join(", ")}</td></tr>
`;
  })}</tbody></table></details>
`;
}

function unknownPlugin(caption: Markup, node: PluginNode): Markup {
  return html`<div class="plugin"><table class="params"><caption>${caption}</caption><tbody>${Object.entries(
    node.params,
  ).map(
    ([id, value]) => html`<tr><th scope="row">${id}</th><td class="n">${trueMinus(String(value))}</td></tr>
`,
  )}</tbody></table></div>
`;
}

/** "Band 1 frequency", "Band 1 Q" */
export function paramName({ group, name }: ParamInfo): string {
  if (group === undefined) return name;
  return `${group} ${name.length > 1 ? name.charAt(0).toLowerCase() + name.slice(1) : name}`;
}

export function valueText(param: ParamInfo, value: number): string {
  return trueMinus(formatParam(param, value));
}
