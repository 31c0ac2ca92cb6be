/** Whether sound could come back to where it started: along outputs, sends and sidechains. */
import type { Session } from "./document.ts";

/** The names of the channels along one cycle, the first again at the end; undefined if there is none. */
export function routingCycle({ strips, buses }: Session): string[] | undefined {
  const channels = new Map([...strips, ...buses].map((channel) => [channel.id, channel]));
  const feeds = new Map([...channels.keys()].map((id) => [id, new Set<string>()]));
  for (const { id, output, sends, inserts } of channels.values()) {
    feeds.get(id)!.add(output);
    for (const { to, enabled } of sends) if (enabled) feeds.get(id)!.add(to);
    for (const { sidechain, enabled } of inserts) {
      if (enabled && sidechain !== undefined) feeds.get(sidechain)?.add(id);
    }
  }
  // Depth first; what is left for good leads to no cycle. Without recursion, as chains may be thousands long.
  const left = new Set<string>();
  for (const start of channels.keys()) {
    const path = [{ id: start, rest: feeds.get(start)!.values() }];
    const onPath = new Set([start]);
    while (path.length > 0) {
      const { id, rest } = path[path.length - 1];
      const { value: next, done } = rest.next();
      if (done) {
        path.pop();
        onPath.delete(id);
        left.add(id);
      } else if (onPath.has(next)) {
        const cycle = path.slice(path.findIndex((step) => step.id === next)).map((step) => step.id);
        return [...cycle, next].map((step) => channels.get(step)!.name);
      } else if (feeds.has(next) && !left.has(next)) {
        path.push({ id: next, rest: feeds.get(next)!.values() });
        onPath.add(next);
      }
    }
  }
  return undefined;
}
