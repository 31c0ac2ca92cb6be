/**
 * The effects of `process` as people type them: `--fx compressor:thresholdDb=-24,ratio=3 --automate 1.thresholdDb=0:-24,5:-30`,
 * or `--fx reverb:preset=plate,mixPercent=20`.
 */
import {
  type AutomationLane,
  CURVES,
  type Curve,
  type GraphDescription,
  type GraphEdge,
  type GraphNode,
} from "@gainstage/graph";
import { findParam, type Host, parseParam } from "@gainstage/host";
import type { Manifest } from "@gainstage/plugin-api";
import { CommandError, ExitCode } from "./exit-code.ts";
import { presetParams } from "./plugin-presets.ts";

export interface Effect {
  readonly manifest: Manifest;
  readonly params: Readonly<Record<string, number>>;
}

/** Stands for a preset's parameters, unless the plugin has a parameter of that id. */
const PRESET = "preset";

/**
 * Throws a PluginFault for an unknown plugin, parameter, preset or value, a CommandError for a text of another form. A preset
 * sets the whole effect, so it comes first, and what is named after it overrides it.
 */
export function parseFx(host: Host, text: string): Effect {
  const colon = text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const entry = host.catalog.find(name);
  const { manifest } = entry;
  const ownsPreset = manifest.params.some(({ id, aliases }) => id === PRESET || aliases?.includes(PRESET));
  const params: Record<string, number> = {};
  for (const [i, pair] of (colon < 0 ? [] : text.slice(colon + 1).split(",")).entries()) {
    const refuse = (why: string) => new CommandError(ExitCode.Usage, `--fx ${text}: ${why}`);
    const equals = pair.indexOf("=");
    if (equals < 1) throw refuse(`"${pair}" is not of the form param=value`);
    const id = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1);
    if (id === PRESET && !ownsPreset) {
      if (i > 0) throw refuse("a preset comes first; what is named after it overrides it");
      Object.assign(params, presetParams(entry, value));
      continue;
    }
    const param = findParam(manifest, id);
    params[param.id] = parseParam(manifest, param, value);
  }
  return { manifest, params };
}

/** As in a session. */
const LONGEST_SECONDS = 360_000;

/** `N.param=seconds:value[:curve],…`, N counted from 1. */
export function parseAutomation(
  effects: readonly Effect[],
  sampleRateHz: number,
  text: string,
): AutomationLane {
  const refuse = (why: string) => new CommandError(ExitCode.Usage, `--automate ${text}: ${why}`);
  const match = /^(\d+)\.([^=]+)=(.+)$/.exec(text);
  if (!match) throw refuse("it must be of the form N.param=seconds:value,…");
  const [, number, id, list] = match;
  const effect = effects[Number(number) - 1];
  if (!effect) throw refuse(`there is no effect ${number}; the chain has ${effects.length}`);
  const param = findParam(effect.manifest, id);
  if (param.applies === "restart")
    throw refuse(`${id} cannot be automated: it takes effect only at the start`);
  const points = list.split(",").map((item) => {
    const [at, value, curve = "linear"] = item.split(":");
    const seconds = Number(at);
    if (at === "" || !(seconds >= 0) || value === undefined) throw refuse(`"${item}" is not seconds:value`);
    if (seconds > LONGEST_SECONDS) throw refuse(`${at} s is later than ${LONGEST_SECONDS} s`);
    if (!CURVES.includes(curve as Curve)) {
      throw refuse(`the curve "${curve}" is none of ${CURVES.join(", ")}`);
    }
    return {
      frame: Math.round(seconds * sampleRateHz),
      value: parseParam(effect.manifest, param, value),
      curve: curve as Curve,
    };
  });
  points.sort((a, b) => a.frame - b.frame);
  const twice = points.find((point, i) => i > 0 && point.frame === points[i - 1].frame);
  if (twice) throw refuse(`two points are at ${twice.frame / sampleRateHz} s`);
  return { node: effectNode(Number(number) - 1), param: id, points };
}

export const INPUT = "input";
export const OUTPUT = "output";
const effectNode = (index: number) => `fx${index + 1}`;

/** input ─▶ effect ─▶ … ─▶ output. One channel stays one as long as every effect takes it. */
export function chainOf(
  effects: readonly Effect[],
  channels: 1 | 2,
  lanes: readonly AutomationLane[],
): { readonly graph: GraphDescription; readonly channels: 1 | 2 } {
  const nodes: GraphNode[] = [{ kind: "input", id: INPUT, channels }];
  const edges: GraphEdge[] = [];
  let width = channels;
  const add = (node: GraphNode) => {
    edges.push({
      from: { node: nodes[nodes.length - 1].id, port: "out" },
      to: { node: node.id, port: "in" },
    });
    nodes.push(node);
  };
  effects.forEach(({ manifest, params }, i) => {
    const layouts = manifest.inputs.find((port) => port.role === "main")?.layouts ?? [];
    if (!layouts.includes("mono")) width = 2;
    add({ kind: "plugin", id: effectNode(i), plugin: manifest.id, params, channels: width });
  });
  add({ kind: "output", id: OUTPUT, channels: width });
  return { graph: { nodes, edges, lanes }, channels: width };
}
