/** `gainstage plugin list|info`: what there is, from manifests alone. */
import { describeRange, formatParam, shortName } from "@gainstage/host";
import type { Command } from "commander";
import { collect } from "../option-values.ts";
import { styled, table } from "../terminal.ts";
import { type HostFlags, hostFor } from "../workplace.ts";

interface Flags extends HostFlags {
  readonly json?: boolean;
}

export function registerPlugin(program: Command): void {
  const plugin = program.command("plugin").description("look at plugins; none of their code runs");
  plugin
    .command("list")
    .description("every plugin that can be used")
    .option("--plugins <dir>", "a folder to look for plugins in; repeatable", collect, [])
    .option("--json", "print one JSON object")
    .action(list);
  plugin
    .command("info")
    .description("ports, parameters and meters of a plugin")
    .argument("<id>", "the plugin's id; the short name will do for Gainstage's own")
    .option("--plugins <dir>", "a folder to look for plugins in; repeatable", collect, [])
    .option("--json", "print the manifest as one JSON object")
    .action(info);
}

function list(flags: Flags): void {
  const { catalog } = hostFor(flags);
  if (flags.json) {
    const plugins = catalog.entries.map(({ manifest, folder }) => ({
      id: manifest.id,
      name: manifest.name,
      version: manifest.version,
      api: manifest.api,
      features: manifest.features,
      kind: "wasm" in manifest.entry ? "wasm" : "module",
      folder,
    }));
    const refused = catalog.refused.map(({ plugin, code, message }) => ({ plugin, code, message }));
    process.stdout.write(`${JSON.stringify({ plugins, refused })}\n`);
    return;
  }
  const rows = catalog.entries.map(({ manifest }) => [
    shortName(manifest.id),
    manifest.version,
    "wasm" in manifest.entry ? "wasm" : "module",
    manifest.description ?? manifest.name,
  ]);
  process.stdout.write(
    `${table([{ title: "plugin" }, { title: "version" }, { title: "kind" }, { title: "what it is" }], rows)}\n`,
  );
}

function info(id: string, flags: Flags): void {
  const { manifest, folder } = hostFor(flags).catalog.find(id);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ ...manifest, folder })}\n`);
    return;
  }
  const ports = [
    ...manifest.inputs.map((p) => ["in", p]),
    ...manifest.outputs.map((p) => ["out", p]),
  ] as const;
  const lines = [
    `${styled("bold", manifest.name, process.stdout)} ${manifest.version}, ${manifest.id}`,
    manifest.description ?? "",
    `API ${manifest.api}, ${"wasm" in manifest.entry ? "wasm, sandboxed" : "JavaScript, needs --trust-modules"}, by ${manifest.vendor}${manifest.license ? `, ${manifest.license}` : ""}`,
    "",
    table(
      [{ title: "port" }, { title: "direction" }, { title: "role" }, { title: "layouts" }],
      ports.map(([direction, port]) => {
        const { id: portId, role, layouts } = port as (typeof manifest.inputs)[number];
        return [portId, direction as string, role, layouts.join(", ")];
      }),
    ),
    "",
    table(
      [{ title: "parameter" }, { title: "takes" }, { title: "default" }, { title: "" }],
      manifest.params.map((p) => [
        p.id,
        describeRange(p),
        formatParam(p, p.default),
        p.applies === "restart" ? "at the start only" : "",
      ]),
    ),
  ];
  if (manifest.meters?.length) {
    const rows = manifest.meters.map((m) => [
      m.id,
      m.name,
      `${m.min} to ${m.max} ${m.unit === "none" ? "" : m.unit}`,
    ]);
    lines.push("", table([{ title: "meter" }, { title: "name" }, { title: "range" }], rows));
  }
  process.stdout.write(`${lines.filter((line, i) => line !== "" || i !== 1).join("\n")}\n`);
}
