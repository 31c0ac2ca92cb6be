/** From a Faust program to a plugin: its manifest, and one module that imports nothing. */
import { checkWasmProfile, type Manifest } from "@gainstage/plugin-api";
import { compileProgram } from "./faust-compiler.ts";
import { FaustError } from "./faust-error.ts";
import { declarationsOf, widgetsOf } from "./faust-json.ts";
import { type LibraryLicence, licencesOf } from "./licences.ts";
import { finish, merge, withProgram } from "./link.ts";
import { channelsOfProgram, type ManifestOptions, manifestOf } from "./manifest-map.ts";
import { mapWidgets } from "./param-map.ts";
import { type ProgramBlock, programBytes } from "./program-block.ts";
import { NOT_MEASURED, timingOf } from "./timing.ts";

export interface FaustOptions extends ManifestOptions {
  /** In messages, and where neither the program nor the options have a name. Default "program.dsp". */
  readonly fileName?: string;
  /** Computes in f64 instead of f32: more exact, and slower. Default false. */
  readonly double?: boolean;
  /** Sources that the program imports besides Faust's standard libraries, by file name. */
  readonly libraries?: Readonly<Record<string, string>>;
  /** The path of the module in the plugin's folder. Default: that of `before`, else from the file name. */
  readonly wasmFile?: string;
}

export interface FaustPlugin {
  readonly manifest: Manifest;
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** What was left out or guessed. */
  readonly warnings: readonly string[];
  /** Of the library functions that are now part of the plugin. */
  readonly licences: readonly LibraryLicence[];
}

/**
 * Compiles, links and measures. The same source and options give the same bytes.
 * Throws a FaustError for a program that is wrong or no effect.
 */
export async function compileFaust(source: string, options: FaustOptions = {}): Promise<FaustPlugin> {
  const { fileName = "program.dsp", double = false, libraries = {} } = options;
  const code = await compileProgram(source, { fileName, double, libraries });
  const { description } = code;
  const channels = channelsOfProgram(description, fileName);
  const widgets = mapWidgets(widgetsOf(description), fileName);
  const warnings = [...widgets.warnings];
  const warn = (text: string) => warnings.push(text);
  const stem = fileName.replace(/^.*[/\\]/, "").replace(/\.dsp$/, "");
  const entry = options.before?.entry;
  const file = options.wasmFile ?? (entry && "wasm" in entry ? entry.wasm : `${stem}.wasm`);
  const manifest = manifestOf(description, widgets, { ...options, fileName, file }, warn);
  const block: Omit<ProgramBlock, "timing"> = {
    double,
    dspBytes: description.size,
    mainChannels: channels.main,
    sidechainChannels: channels.sidechain,
    params: widgets.params,
    meters: widgets.meters.map(({ offset, info }) => ({
      offset,
      lowest: info.kind === "gain-change",
      min: info.min,
      max: info.max,
    })),
  };
  const provisional = programBytes({ ...block, timing: NOT_MEASURED });
  const merged = await merge(code.wasm, provisional);
  const trial = await finish(merged, false);
  const declared = declarationsOf(description);
  const timing = timingOf(
    declared,
    manifest,
    new WebAssembly.Module(trial),
    description.size,
    fileName,
    warn,
  );
  if (timing.tailFrames === Number.POSITIVE_INFINITY && !declared.has("tail"))
    warnings.push(
      'it may sound for ever, so that hosts never let it sleep; `declare tail "seconds"` if you know better',
    );
  const wasm = await finish(withProgram(merged, provisional, programBytes({ ...block, timing })), true);
  const problems = checkWasmProfile(wasm, manifest);
  if (problems.length > 0)
    throw new FaustError(
      `its module does not keep the ABI: ${problems.map((p) => `${p.path} ${p.message}`).join("; ")}`,
      fileName,
    );
  const licences = licencesOf(description);
  for (const { where, license } of licences)
    if (isCopyleft(license)) warnings.push(`${where} is under ${license}, and so is a plugin with it`);
  return { manifest, wasm, warnings, licences };
}

/** Faust's own exception allows its library functions in a program of any licence. */
function isCopyleft(license: string): boolean {
  return /GPL/i.test(license) && !/exception/i.test(license);
}
