/** `gainstage plugin info`: one plugin's ports, parameters, meters and presets, from its files, and where it comes from. */
import { type CatalogEntry, type Quarantine, shortName } from "@gainstage/host";
import { describeRange, formatParam, type Manifest, PluginFault, type PortInfo } from "@gainstage/plugin-api";
import type { Command } from "commander";
import { collect, PLUGINS_HELP } from "../option-values.ts";
import { presetBase, readPreset } from "../plugin-presets.ts";
import { styled, table } from "../terminal.ts";
import { type HostFlags, hostFor, userQuarantine } from "../workplace.ts";
import { ORIGINS } from "./plugin-list.ts";

interface Flags extends HostFlags {
  readonly json?: boolean;
}

export function registerPluginInfo(plugin: Command): void {
  plugin
    .command("info")
    .description("ports, parameters, meters and presets of a plugin, and where it comes from")
    .argument("<id>", "its id or ID@RANGE; the short name will do for Gainstage's own")
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--json", "print the manifest as one JSON object")
    .action(info);
}

function info(id: string, flags: Flags): void {
  const entry = hostFor(flags).catalog.find(id);
  const { manifest, source, standsInFor } = entry;
  const content = contentOf(entry, userQuarantine());
  const listed = listPresets(entry);
  if (flags.json) {
    const { hash, quarantined } = content;
    const more = { folder: source.place, source: entry.origin, hash, quarantined, presetDetails: listed };
    process.stdout.write(`${JSON.stringify({ ...manifest, ...more, standsInFor })}\n`);
    return;
  }
  const blocks = [
    heading(entry, content.text),
    ports(manifest),
    params(manifest),
    meters(manifest),
    presets(manifest, listed),
  ];
  if (standsInFor) blocks.unshift(`${standsInFor.id} is not here; ${manifest.id} says that it replaces it.`);
  process.stdout.write(`${blocks.filter((block) => block !== "").join("\n\n")}\n`);
}

interface Content {
  readonly hash: string | null;
  readonly quarantined: boolean;
  readonly text: string;
}

/** The hash needs every file; a plugin that was not built yet has none. */
function contentOf(entry: CatalogEntry, quarantine: Quarantine): Content {
  try {
    const { hash } = entry;
    const quarantined = quarantine.has(hash);
    const release = `in quarantine; \`gainstage plugin release ${shortName(entry.manifest.id)}\` lets it go`;
    return { hash, quarantined, text: quarantined ? `${hash}, ${release}` : hash };
  } catch (error) {
    if (!(error instanceof PluginFault)) throw error;
    return { hash: null, quarantined: false, text: `no hash: ${error.message}` };
  }
}

function heading({ manifest, source, origin }: CatalogEntry, content: string): string {
  const kind = "wasm" in manifest.entry ? "wasm, sandboxed" : "JavaScript, needs --trust-modules";
  const license = manifest.license ? `, ${manifest.license}` : "";
  const replaced = manifest.replaces?.map(({ id }) => id).join(", ");
  return [
    `${styled("bold", manifest.name, process.stdout)} ${manifest.version}, ${manifest.id}`,
    manifest.description,
    `API ${manifest.api}, ${kind}, by ${manifest.vendor}${license}`,
    `${ORIGINS[origin]}: ${source.place}`,
    content,
    replaced && `replaces ${replaced}`,
  ]
    .filter((line) => line)
    .join("\n");
}

function ports({ inputs, outputs }: Manifest): string {
  const row = (direction: string) => (port: PortInfo) => [
    port.id,
    direction,
    port.role,
    port.layouts.join(", "),
  ];
  return table(
    [{ title: "port" }, { title: "direction" }, { title: "role" }, { title: "layouts" }],
    [...inputs.map(row("in")), ...outputs.map(row("out"))],
  );
}

function params(manifest: Manifest): string {
  return table(
    [{ title: "parameter" }, { title: "takes" }, { title: "default" }, { title: "" }],
    manifest.params.map((p) => [
      p.id,
      describeRange(p),
      formatParam(p, p.default),
      p.applies === "restart" ? "at the start only" : "",
    ]),
  );
}

function meters({ meters: list = [] }: Manifest): string {
  if (list.length === 0) return "";
  return table(
    [{ title: "meter" }, { title: "name" }, { title: "range" }],
    list.map((m) => [m.id, m.name, `${m.min} to ${m.max} ${m.unit === "none" ? "" : m.unit}`]),
  );
}

interface ListedPreset {
  /** What `--fx ID:preset=…` takes. */
  readonly preset: string;
  readonly path: string;
  /** Null where the file cannot be read: then `description` says why. */
  readonly name: string | null;
  readonly description: string;
}

function listPresets(entry: CatalogEntry): ListedPreset[] {
  return (entry.manifest.presets ?? []).map((path) => {
    const place = { preset: presetBase(path), path };
    try {
      const { name, description } = readPreset(entry, path);
      return { ...place, name, description };
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
      return { ...place, name: null, description: error.message };
    }
  });
}

function presets({ id }: Manifest, list: readonly ListedPreset[]): string {
  if (list.length === 0) return "";
  const rows = list.map(({ preset, name, description }) => [preset, name ?? "", description]);
  const use = `--fx ${shortName(id)}:preset=${list[0].preset} plays it; parameters named after it override it`;
  return `${table([{ title: "preset" }, { title: "name" }, { title: "" }], rows)}\n\n${use}`;
}
