/** What can be wrong with a plugin, as an error that says which plugin, what, and what to do. */
import type { ManifestProblem } from "./manifest.ts";

export type FaultCode =
  | "manifest-invalid"
  | "api-invalid"
  | "api-too-new"
  | "api-too-old"
  | "entry-unreadable"
  | "import-forbidden"
  | "export-missing"
  | "untrusted"
  | "unknown"
  | "duplicate"
  | "param"
  | "refused"
  | "trap"
  | "non-finite";

export class PluginFault extends Error {
  override readonly name = "PluginFault";
  readonly code: FaultCode;
  /** The plugin's id, or its folder while the id is not known. */
  readonly plugin: string;
  readonly problems: readonly ManifestProblem[];

  constructor(code: FaultCode, plugin: string, message: string, problems: readonly ManifestProblem[] = []) {
    super(`plugin ${plugin}: ${message}`);
    this.code = code;
    this.plugin = plugin;
    this.problems = problems;
  }
}

/** The message of whatever a plugin threw, which need not be an Error. Never throws itself. */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === "string" ? thrown : `it threw a value of type ${typeof thrown}`;
}
