/** A session for a folder of stems: every file a strip at 0 dB in the middle, ready to be mixed. */
import { FORMAT, FORMAT_VERSION, RECORD_VERSIONS, type SessionInput } from "@gainstage/session";

/** `files` are paths relative to the folder, in the order in which the strips shall stand. */
export function defaultSession(title: string, sampleRateHz: number, files: readonly string[]): SessionInput {
  const taken = new Set<string>(["master"]);
  return {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    types: { ...RECORD_VERSIONS },
    title: title.slice(0, 200),
    sampleRateHz,
    strips: files.map((source) => {
      const name = source.replace(/\.[^.]+$/, "").slice(0, 200);
      return { id: freeId(name, taken), name, source };
    }),
  };
}

/** The name as an id that nobody else has. */
function freeId(name: string, taken: Set<string>): string {
  const stem =
    name
      .replace(/[^A-Za-z0-9_-]+/g, "-")
      .replace(/^[^A-Za-z0-9]+/, "")
      .slice(0, 56) || "strip";
  let id = stem;
  for (let n = 2; taken.has(id); n++) id = `${stem}-${n}`;
  taken.add(id);
  return id;
}
