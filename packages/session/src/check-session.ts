/** From any value to a session: versions first, then shape, then what refers to what. */
import * as v from "valibot";
import {
  FORMAT,
  FORMAT_VERSION,
  levelDb,
  pan,
  RECORD_VERSIONS,
  type Session,
  sessionSchema,
} from "./document.ts";
import { routingCycle } from "./routing-cycle.ts";
import { SessionError } from "./session-error.ts";

/** How many problems a message lists. */
const SHOWN = 8;

/** The session with defaults filled in. Throws a SessionError that names each problem with its place. */
export function checkSession(value: unknown): Session {
  checkVersions(value);
  const result = v.safeParse(sessionSchema, value);
  if (!result.success) {
    refuse(result.issues.map((issue) => `${v.getDotPath(issue) ?? "the document"}: ${issue.message}`));
  }
  const problems = referenceProblems(result.output);
  if (problems.length > 0) refuse(problems);
  return result.output;
}

function refuse(problems: readonly string[]): never {
  const shown = problems.slice(0, SHOWN).join("; ");
  const more = problems.length > SHOWN ? `; and ${problems.length - SHOWN} more` : "";
  throw new SessionError("invalid", `the session is not valid: ${shown}${more}`, problems);
}

function checkVersions(value: unknown): void {
  const header = typeof value === "object" && value !== null ? (value as Partial<Session>) : {};
  if (header.format !== FORMAT) {
    throw new SessionError("unreadable", `it is not a Gainstage session: its format is not "${FORMAT}"`);
  }
  if (typeof header.formatVersion === "number" && header.formatVersion > FORMAT_VERSION) {
    throw new SessionError(
      "newer",
      `it has session format ${header.formatVersion}, this version reads up to ${FORMAT_VERSION}: update Gainstage, or save it for format ${FORMAT_VERSION} where it was made`,
    );
  }
  for (const [type, version] of Object.entries(header.types ?? {})) {
    const own = RECORD_VERSIONS[type];
    if (own !== undefined && typeof version === "number" && version > own) {
      throw new SessionError(
        "newer",
        `its ${type} records have version ${version}, this version reads up to ${own}: update Gainstage, or save it for version ${own} where it was made`,
      );
    }
  }
}

function referenceProblems(session: Session): string[] {
  const problems: string[] = [];
  const channels = [...session.strips, ...session.buses];
  const ids = new Set<string>(["master"]);
  const claim = (id: string, what: string) => {
    if (ids.has(id)) problems.push(`${what}: the id "${id}" is taken`);
    ids.add(id);
  };
  for (const channel of channels) {
    claim(channel.id, `"${channel.name}"`);
    for (const { id } of [...channel.inserts, ...channel.sends]) claim(id, `"${channel.name}"`);
  }
  for (const { id } of session.master.inserts) claim(id, "the master");

  const buses = new Set(session.buses.map((bus) => bus.id));
  const sources = new Set(channels.map((channel) => channel.id));
  for (const { name, id, output, sends, inserts } of channels) {
    if (output !== "master" && !buses.has(output))
      problems.push(`"${name}" goes to "${output}", which is no bus`);
    for (const send of sends) {
      if (!buses.has(send.to)) problems.push(`"${name}" sends to "${send.to}", which is no bus`);
    }
    for (const { sidechain } of inserts) {
      if (sidechain !== undefined && (!sources.has(sidechain) || sidechain === id)) {
        problems.push(`"${name}" has a sidechain from "${sidechain}", which is no other strip or bus`);
      }
    }
  }
  const cycle = routingCycle(session);
  if (cycle)
    problems.push(`a cycle: ${cycle.join(" -> ")}. Take out one of these outputs, sends or sidechains`);
  for (const [i, { at }] of (session.tempo ?? []).entries()) {
    if (i === 0 && at !== 0) problems.push("the tempo does not begin at 0");
    if (i > 0 && at <= session.tempo![i - 1].at)
      problems.push(`tempo ${i + 1} does not come after the one before it`);
  }
  const moved = new Set<string>();
  for (const lane of session.lanes) {
    const target = `${lane.of} ${lane.param}`;
    if (moved.has(target))
      problems.push(`automation of ${target} is there twice: put its points into one lane`);
    moved.add(target);
    laneProblem(session, lane, problems);
  }
  return problems;
}

function laneProblem(session: Session, lane: Session["lanes"][number], problems: string[]): void {
  const what = `automation of ${lane.of} ${lane.param}`;
  const owner = [...session.strips, ...session.buses].find((channel) => channel.id === lane.of);
  if (!owner && lane.of !== "master") {
    problems.push(`${what}: there is no strip or bus "${lane.of}"`);
    return;
  }
  const inserts = owner?.inserts ?? session.master.inserts;
  const [first, ...rest] = lane.param.split(".");
  const known =
    lane.param === "faderDb" ||
    (lane.param === "pan" && owner !== undefined) ||
    (owner?.sends.some((send) => send.id === first) && rest.join(".") === "levelDb") ||
    (inserts.some((insert) => insert.id === first) && rest.length > 0);
  if (!known)
    problems.push(`${what}: it is neither faderDb, pan, SEND.levelDb nor INSERT.PARAM of an insert there`);
  for (let i = 1; i < lane.points.length; i++) {
    if (lane.points[i].at <= lane.points[i - 1].at) {
      problems.push(`${what}: point ${i + 1} does not come after the one before it`);
    }
  }
  // What a plugin's parameter takes stands in its manifest, which a session has not.
  const isSend = owner?.sends.some((send) => send.id === first);
  const range = lane.param === "pan" ? pan : lane.param === "faderDb" || isSend ? levelDb : undefined;
  const outside = range ? lane.points.findIndex(({ value }) => !v.is(range, value)) : -1;
  if (outside >= 0) {
    const takes = range === pan ? "-1 to 1" : "-200 to 60 dB, or null for silence";
    problems.push(`${what}: point ${outside + 1} cannot be ${lane.points[outside].value}; it takes ${takes}`);
  }
}
