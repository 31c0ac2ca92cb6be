/** The program's declarations and channels, and the author's options, as a manifest. */
import { API_VERSION, checkManifest, type Layout, type Manifest, type PortInfo } from "@gainstage/plugin-api";
import { FaustError } from "./faust-error.ts";
import { declarationsOf, type FaustDescription } from "./faust-json.ts";
import type { MappedWidgets } from "./param-map.ts";

/**
 * What an author says outside the program. Each wins over the program's declaration of the same thing, and that over what
 * the plugin's manifest said before.
 */
export interface ManifestOptions {
  /** Reverse DNS; else `declare gainstage_id`. One of the two is needed. */
  readonly id?: string;
  readonly name?: string;
  /** Else `declare vendor` or `declare author`. */
  readonly vendor?: string;
  /** Semver; else `declare version`, else 1.0.0. */
  readonly version?: string;
  /** In the field's words, best first; else `declare features "reverb, delay"`. */
  readonly features?: readonly string[];
  /** The manifest of the last build: what the program does not decide stays as it is there. */
  readonly before?: Partial<Manifest>;
}

/** What an author may have written into the manifest of the last build: of the plugin, and of each parameter. */
const KEPT = ["description", "license", "url", "presets", "resources", "replaces", "onFault"] as const;
const KEPT_OF_PARAM = ["format", "applies", "automatable", "aliases", "since", "legacy"] as const;

/** Channels of one instance. */
export interface Channels {
  /** 1 or 2; as many outputs. */
  readonly main: number;
  /** The last inputs, 0 to 2. */
  readonly sidechain: number;
}

/** Throws a FaustError for a program that is no effect of one or two channels. */
export function channelsOfProgram(description: FaustDescription, fileName: string): Channels {
  const { inputs, outputs } = description;
  const declared = declarationsOf(description).get("sidechain") ?? "0";
  const sidechain = Number(declared);
  if (![0, 1, 2].includes(sidechain))
    throw new FaustError(`declare sidechain "${declared}": it must be 0, 1 or 2 inputs`, fileName);
  const main = inputs - sidechain;
  const has = `it has ${inputs} inputs${sidechain > 0 ? `, ${sidechain} of them a sidechain,` : ""} and ${outputs} outputs`;
  if (inputs === 0) throw new FaustError(`${has}: a generator is no effect, give it an input`, fileName);
  if (main !== outputs || (main !== 1 && main !== 2))
    throw new FaustError(`${has}: an effect has one main input and one output, or two of each`, fileName);
  return { main, sidechain };
}

/** Throws a FaustError that says what is missing. `file` is the path of the wasm file within the folder. */
export function manifestOf(
  description: FaustDescription,
  { params, meters }: MappedWidgets,
  options: ManifestOptions & { readonly fileName: string; readonly file: string },
  warn: (text: string) => void,
): Manifest {
  const declared = declarationsOf(description);
  const { fileName, file, before = {} } = options;
  const id = options.id ?? declared.get("gainstage_id") ?? before.id;
  if (id === undefined)
    throw new FaustError(
      'it has no id: add `declare gainstage_id "com.example.my-effect";`, or give one',
      fileName,
    );
  const stem = fileName.replace(/^.*[/\\]/, "").replace(/\.dsp$/, "");
  const features = options.features ?? listOf(declared.get("features")) ?? before.features ?? [];
  if (features.length === 0)
    warn('no features are declared (declare features "reverb"): hosts list it as an effect only');
  const optional = (key: string) => (declared.has(key) ? { [key]: declared.get(key) } : {});
  const manifest = {
    api: API_VERSION,
    id,
    // Without a declaration, libfaust takes the file's name for the program's.
    name:
      options.name ??
      [declared.get("name")].find((name) => name !== stem && name !== fileName) ??
      before.name ??
      stem,
    vendor:
      options.vendor ??
      declared.get("vendor") ??
      declared.get("author") ??
      before.vendor ??
      id.split(".")[1] ??
      id,
    version: versionOf(options.version ?? declared.get("version") ?? before.version, warn),
    ...pick(before, KEPT),
    ...optional("description"),
    ...optional("license"),
    ...optional("url"),
    features: features.length > 0 ? features : ["effect"],
    entry: { wasm: file },
    ...portsOf(channelsOfProgram(description, fileName)),
    params: params.map(({ info }) => {
      const same = before.params?.find((p) => p.id === info.id);
      return same ? { ...info, ...pick(same, KEPT_OF_PARAM) } : info;
    }),
    ...(meters.length > 0 ? { meters: meters.map(({ info }) => info) } : {}),
  };
  const check = checkManifest(manifest);
  if (check.ok) return check.manifest;
  throw new FaustError(check.problems.map(({ path, message }) => `${path} ${message}`).join("; "), fileName);
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(
    keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]]),
  ) as Partial<Pick<T, K>>;
}

/** "reverb, delay". */
function listOf(text: string | undefined): string[] | undefined {
  return text
    ?.split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** "1.0" → "1.0.0". */
function versionOf(text: string | undefined, warn: (text: string) => void): string {
  const parts = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?$/.exec(text?.trim() ?? "");
  if (parts) return [parts[1], parts[2] ?? 0, parts[3] ?? 0].map(Number).join(".");
  if (text !== undefined && /^\d+\.\d+\.\d+[-+]/.test(text)) return text;
  if (text !== undefined) warn(`the version "${text}" is not of the form 1.2.3; it is 1.0.0`);
  return "1.0.0";
}

function portsOf({ main, sidechain }: Channels): { inputs: PortInfo[]; outputs: PortInfo[] } {
  const layouts: Layout[] = main === 1 ? ["stereo", "mono"] : ["stereo"];
  const key: PortInfo = {
    id: "sidechain",
    name: "Sidechain",
    role: "sidechain",
    layouts: [sidechain === 1 ? "mono" : "stereo"],
  };
  return {
    inputs: [{ id: "in", name: "Input", role: "main", layouts }, ...(sidechain > 0 ? [key] : [])],
    outputs: [{ id: "out", name: "Output", role: "main", layouts }],
  };
}
