/** What a session asks of plugins, held against their manifests before any sound is read. */
import { checkParam, checkParams, findParam, type Host, renamedParams, shortName } from "@gainstage/host";
import { describeRange, type Manifest, PluginFault } from "@gainstage/plugin-api";
import type { Insert, Lane, Session } from "@gainstage/session";
import { CommandError, ExitCode } from "./exit-code.ts";

export interface PluginProblem {
  /** Says in which channel, and in which insert or lane. */
  readonly message: string;
  /** Plugin where one is missing, bad input where the session asks for what it does not have. */
  readonly exitCode: ExitCode;
}

/** All that cannot be, in the session's order. */
export function pluginProblems(catalog: Host["catalog"], session: Session): PluginProblem[] {
  const problems: PluginProblem[] = [];
  const attempt = (place: string, check: () => void): void => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
      const exitCode = error.code === "param" ? ExitCode.BadInput : ExitCode.Plugin;
      problems.push({ message: `${place}: ${error.message}`, exitCode });
    }
  };
  const { strips, buses, master } = session;
  const channels = [...strips, ...buses, { ...master, id: "master", name: "master" }];
  for (const { id: owner, name, inserts } of channels) {
    for (const insert of inserts) {
      let manifest: Manifest | undefined;
      let rename = (param: string) => param;
      attempt(`"${name}", insert "${insert.id}"`, () => {
        const entry = catalog.find(insert.plugin, insert.version && `^${insert.version}`);
        manifest = entry.manifest;
        checkInsert(manifest, { ...insert, params: renamedParams(entry, insert.params) });
        rename = (param) => Object.keys(renamedParams(entry, { [param]: 0 }))[0];
      });
      if (!manifest) continue;
      for (const lane of session.lanes) {
        if (lane.of !== owner || !lane.param.startsWith(`${insert.id}.`)) continue;
        const param = rename(lane.param.slice(insert.id.length + 1));
        attempt(`"${name}", automation of ${lane.param}`, () => checkLane(manifest!, param, lane));
      }
    }
  }
  return problems;
}

/** Throws a CommandError for the first insert that asks its plugin for what it has not. A plugin that is missing has a stand-in. */
export function refuseUnplayable(catalog: Host["catalog"], session: Session, path: string): void {
  const isOn = ({ enabled }: Insert) => enabled;
  const heard = <T extends { readonly inserts: readonly Insert[] }>(channel: T) => ({
    ...channel,
    inserts: channel.inserts.filter(isOn),
  });
  const { strips, buses, master } = session;
  const problem = pluginProblems(catalog, {
    ...session,
    strips: strips.map(heard),
    buses: buses.map(heard),
    master: heard(master),
  }).find(({ exitCode }) => exitCode !== ExitCode.Plugin);
  if (problem) throw new CommandError(problem.exitCode, `cannot mix ${path}: ${problem.message}`);
}

function checkInsert(manifest: Manifest, insert: Insert): void {
  checkParams(manifest, insert.params);
  if (insert.sidechain !== undefined && !manifest.inputs.some((port) => port.role === "sidechain")) {
    throw new PluginFault("param", shortName(manifest.id), "has no sidechain; take it out of the insert");
  }
}

function checkLane(manifest: Manifest, id: string, lane: Lane): void {
  const param = findParam(manifest, id);
  const refuse = (why: string) => new PluginFault("param", shortName(manifest.id), why);
  if (param.applies === "restart") throw refuse(`${id} takes effect only at the start; take the lane out`);
  for (const [i, { value }] of lane.points.entries()) {
    if (value === null) throw refuse(`point ${i + 1} has no value; ${id} takes ${describeRange(param)}`);
    checkParam(manifest, param, value);
  }
}
