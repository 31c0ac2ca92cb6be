/** The description that the Faust compiler gives of a program, as far as it is read here. */

export interface FaustDescription {
  readonly name: string;
  /** "-lang wasm-e … -single -ftz 2". */
  readonly compile_options: string;
  /** Bytes of an instance. */
  readonly size: number;
  readonly inputs: number;
  readonly outputs: number;
  /** One key each; those of libraries are "file.lib/key" or "file.lib/function:key". */
  readonly meta?: readonly Readonly<Record<string, string>>[];
  readonly ui: readonly FaustItem[];
}

export type FaustItem = FaustGroup | FaustWidget;

export interface FaustGroup {
  readonly type: "vgroup" | "hgroup" | "tgroup";
  readonly label: string;
  readonly meta?: readonly Readonly<Record<string, string>>[];
  readonly items: readonly FaustItem[];
}

export interface FaustWidget {
  readonly type:
    | "hslider"
    | "vslider"
    | "nentry"
    | "button"
    | "checkbox"
    | "hbargraph"
    | "vbargraph"
    | "soundfile";
  readonly label: string;
  /** "/program/group/label". */
  readonly address: string;
  /** Byte offset of its value in an instance. */
  readonly index: number;
  readonly meta?: readonly Readonly<Record<string, string>>[];
  /** Sliders and numerical entries. */
  readonly init?: number;
  /** Those, and bargraphs. */
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
}

/** A widget with the groups that it is in, the program's own left out. */
export interface PlacedWidget {
  readonly widget: FaustWidget;
  readonly groups: readonly string[];
  readonly meta: ReadonlyMap<string, string>;
}

/** Faust writes it for a group without a label. */
const NO_LABEL = "0x00";

/** Every widget once, in the order of the program; of several at one address the first. */
export function widgetsOf({ ui }: FaustDescription): readonly PlacedWidget[] {
  const found = new Map<string, PlacedWidget>();
  const visit = (items: readonly FaustItem[], groups: readonly string[]): void => {
    for (const item of items) {
      if ("items" in item) visit(item.items, item.label === NO_LABEL ? groups : [...groups, item.label]);
      else if (!found.has(item.address))
        found.set(item.address, { widget: item, groups, meta: new Map(entriesOf(item.meta)) });
    }
  };
  for (const top of ui) visit("items" in top ? top.items : [top], []);
  return [...found.values()];
}

/** The program's own declarations, without those of libraries. */
export function declarationsOf({ meta }: FaustDescription): ReadonlyMap<string, string> {
  return new Map(entriesOf(meta).filter(([key]) => !key.includes("/")));
}

/** What libraries declare, by "file.lib" or "file.lib/function". */
export function libraryDeclarationsOf({
  meta,
}: FaustDescription): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const [key, value] of entriesOf(meta)) {
    const parts = /^(.*\.lib\/(?:[^:]*(?=:))?):?(.*)$/.exec(key);
    if (!parts) continue;
    const where = parts[1].replace(/\/$/, "");
    found.set(where, (found.get(where) ?? new Map<string, string>()).set(parts[2], value));
  }
  return found;
}

function entriesOf(meta: readonly Readonly<Record<string, string>>[] = []): [string, string][] {
  return meta.flatMap((one) => Object.entries(one));
}
