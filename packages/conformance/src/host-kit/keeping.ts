/** H08: what a host keeps of a plugin that it cannot have. */
import { CheckFailed } from "../cases/check-failed.ts";
import { demand, NotRun } from "../check.ts";
import { echoManifest } from "./plain-plugins.ts";
import type { Asked, HostCheck } from "./trial.ts";

/** Every byte there is, and values that a detour over text, a smaller float or a range would change. */
const LOST = {
  id: "lost",
  plugin: "org.gainstage.kit.nowhere",
  params: { thinnest: 5e-324, third: 1 / 3, largest: -1.7976931348623157e308, "a.b": 0 },
  state: { version: 7, bytes: Uint8Array.from({ length: 512 }, (_, i) => i % 256) },
  from: "input",
};
const CHANGES = [
  { node: "lost", param: "third", frame: 0, value: 1 / 3 },
  { node: "lost", param: "third", frame: 4801, value: -2 / 7 },
];
const ASKED: Asked = {
  nodes: [LOST, { id: "echo", plugin: echoManifest.id, from: "lost" }],
  buses: [{ id: "out", from: [{ node: "echo" }] }],
  changes: CHANGES,
};

const keeps: HostCheck = {
  id: "H08",
  title: "a plugin that is not there is kept with all that is known of it, byte for byte",
  async run({ keep }) {
    if (!keep) throw new NotRun("it keeps no documents");
    const { written, writtenAgain, nodes, changes } = await keep(ASKED);
    const at = written.findIndex((byte, i) => byte !== writtenAgain[i]);
    demand(at < 0, `the document, opened, rendered and written again, differs at byte ${at}`);
    demand(written.length === writtenAgain.length, `${written.length} bytes became ${writtenAgain.length}`);
    const lost = nodes.find(({ id }) => id === LOST.id);
    if (!lost) throw new CheckFailed("the node is gone");
    demand(lost.plugin === LOST.plugin, `its plugin is ${lost.plugin} now`);
    for (const [id, value] of Object.entries(LOST.params))
      demand(lost.params?.[id] === value, `its parameter ${id} is ${lost.params?.[id]} instead of ${value}`);
    demand(lost.state?.version === LOST.state.version, "its state has another version, or is gone");
    demand(
      lost.state!.bytes.length === 512 && LOST.state.bytes.every((byte, i) => byte === lost.state!.bytes[i]),
      "its state has other bytes",
    );
    for (const [i, { frame, value }] of CHANGES.entries())
      demand(
        changes[i]?.frame === frame && changes[i].value === value,
        `its change at frame ${frame} is lost`,
      );
  },
};

export const KEEPING_CHECKS: readonly HostCheck[] = [keeps];
