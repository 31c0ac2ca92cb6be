/** `gainstage session inspect|validate|pin|to-json|from-json`: sessions as documents. Only `pin` runs anything. */

import { didYouMean } from "@gainstage/host";
import { pinSession } from "@gainstage/mixer";
import {
  encodeSession,
  type Session,
  SessionError,
  sessionFromJson,
  sessionToJson,
  type UnknownKey,
  unknownKeys,
} from "@gainstage/session";
import type { Command } from "commander";
import { CommandError, ExitCode } from "../exit-code.ts";
import { collect, PLUGINS_HELP } from "../option-values.ts";
import { writeWhole } from "../output-flags.ts";
import { pluginProblems } from "../session-plugins.ts";
import { readBytes, readSessionFile } from "../stems.ts";
import { decibels, say, table, warn } from "../terminal.ts";
import { type HostFlags, hostFor } from "../workplace.ts";

interface WriteFlags {
  readonly output?: string;
  readonly force?: boolean;
}

export function registerSession(program: Command): void {
  const session = program.command("session").description("look at session files and write them");
  session
    .command("inspect")
    .description("strips, buses, plugins and automation")
    .argument("<file>", "session file")
    .option("--json", "print one JSON object")
    .action(inspect);
  session
    .command("validate")
    .description("check a session, and that its plugins and parameters are there")
    .argument("<file>", "session file")
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--json", "print one JSON object")
    .action(validate);
  session
    .command("pin")
    .description("write down which plugins play it: version, content and a card for where they are missing")
    .argument("<file>", "session file")
    .requiredOption("-o, --output <file>", "file to write; .json for the JSON twin")
    .option("--plugins <path>", PLUGINS_HELP, collect, [])
    .option("--trust-modules", "run plugins that are JavaScript")
    .option("-f, --force", "replace an existing file")
    .action(pin);
  session
    .command("to-json")
    .description("the JSON twin of a session, to stdout or a file")
    .argument("<file>", "session file")
    .option("-o, --output <file>", "file to write")
    .option("-f, --force", "replace an existing file")
    .action(toJson);
  session
    .command("from-json")
    .description("the packed form of a JSON session")
    .argument("<file>", "JSON file")
    .requiredOption("-o, --output <file>", "file to write")
    .option("-f, --force", "replace an existing file")
    .action(fromJson);
}

/** Packed, or as JSON where the name of the output ends so. */
async function pin(path: string, flags: HostFlags & WriteFlags & { readonly output: string }): Promise<void> {
  const host = hostFor(flags);
  const { session, missing } = await pinSession(host, await readSessionFile(path));
  const bytes = flags.output.endsWith(".json") ? sessionToJson(session) : encodeSession(session);
  await writeWhole(flags.output, bytes, flags.force ?? false);
  const pinned = new Set(insertsOf(session).flatMap(({ plugin, integrity }) => (integrity ? [plugin] : [])));
  say(
    `${flags.output}: ${pinned.size} plugins pinned${missing.length > 0 ? `, ${missing.length} missing` : ""}`,
  );
}

async function inspect(path: string, flags: { readonly json?: boolean }): Promise<void> {
  const session = await readSessionFile(path);
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(summary(session))}\n`);
    return;
  }
  const rows = [...session.strips, ...session.buses].map((channel) => [
    channel.id,
    "source" in channel ? "strip" : String(channel.kind),
    decibels(channel.faderDb),
    decibels(channel.pan, 2),
    `${channel.mute ? "mute " : ""}${channel.solo ? "solo" : ""}`.trim(),
    channel.inserts.map((insert) => shortPlugin(insert.plugin) + (insert.enabled ? "" : " (off)")).join(", "),
    channel.sends.map((send) => `${send.to} ${decibels(send.levelDb)}`).join(", "),
    channel.output,
  ]);
  const right = "right" as const;
  const columns = [
    { title: "channel" },
    { title: "kind" },
    { title: "fader dB", align: right },
    { title: "pan", align: right },
    { title: "" },
    { title: "inserts" },
    { title: "sends" },
    { title: "output" },
  ];
  const lanes = session.lanes.map((lane) => `  ${lane.of} ${lane.param}: ${lane.points.length} points`);
  process.stdout.write(
    `${session.title}, ${session.sampleRateHz} Hz\n\n${table(columns, rows)}\n\nmaster: ${
      session.master.inserts.map((insert) => shortPlugin(insert.plugin)).join(", ") || "no inserts"
    }, peak ${session.master.peakDbfs === null ? "as it comes" : `${decibels(session.master.peakDbfs)} dBFS`}\n${
      lanes.length > 0 ? `automation:\n${lanes.join("\n")}\n` : ""
    }`,
  );
}

function summary(session: Session) {
  return {
    title: session.title,
    formatVersion: session.formatVersion,
    sampleRateHz: session.sampleRateHz,
    strips: session.strips.length,
    buses: session.buses.length,
    lanes: session.lanes.length,
    plugins: [...new Set(insertsOf(session).map((insert) => insert.plugin))].sort(),
    hasDerivedGraph: session.derived !== undefined,
  };
}

function insertsOf(session: Session) {
  return [...session.strips, ...session.buses, session.master].flatMap((channel) => channel.inserts);
}

const shortPlugin = (id: string) => id.slice(id.lastIndexOf(".") + 1);

async function validate(path: string, flags: HostFlags & { readonly json?: boolean }): Promise<void> {
  const problems: string[] = [];
  let session: Session | undefined;
  try {
    session = await readSessionFile(path);
  } catch (error) {
    if (!(error instanceof SessionError) || error.code !== "invalid") throw error;
    problems.push(...(error.problems.length > 0 ? error.problems : [error.message]));
  }
  const { catalog } = hostFor(flags);
  if (session) problems.push(...pluginProblems(catalog, session).map(({ message }) => message));
  const warnings = session ? unknownKeys(session).map(unknownKeyText) : [];
  if (flags.json)
    process.stdout.write(`${JSON.stringify({ path, valid: problems.length === 0, problems, warnings })}\n`);
  else for (const text of warnings) warn(text);
  if (problems.length === 0) {
    if (!flags.json) say(`${path} is valid`);
    return;
  }
  if (!flags.json) for (const problem of problems) say(`  ${problem}`);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  throw new CommandError(ExitCode.CheckFailed, `${path} is not valid: ${count}`);
}

function unknownKeyText({ path, key, known }: UnknownKey): string {
  const place = path === "" ? "the document" : path;
  return `${place}: "${key}" is kept, but this version does not know it, and nobody hears it.${didYouMean(key, known)}`;
}

async function toJson(path: string, flags: WriteFlags): Promise<void> {
  const json = sessionToJson(await readSessionFile(path));
  if (flags.output === undefined) process.stdout.write(json);
  else await writeWhole(flags.output, json, flags.force ?? false);
}

async function fromJson(path: string, flags: WriteFlags & { readonly output: string }): Promise<void> {
  // Decoded so, a byte order mark is dropped.
  const text = new TextDecoder().decode(await readBytes(path));
  try {
    await writeWhole(flags.output, encodeSession(sessionFromJson(text)), flags.force ?? false);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    throw new SessionError(error.code, `cannot open ${path}: ${error.message}`, error.problems);
  }
}
