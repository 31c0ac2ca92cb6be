/** What can be wrong with a plugin, as an error that says which plugin, what, and what to do. */

export type FaultCode =
  // Found without running or compiling anything.
  | "manifest-invalid"
  | "api-invalid"
  | "api-too-new"
  | "api-too-old"
  | "extension-missing"
  | "entry-unreadable"
  | "entry-invalid"
  | "import-forbidden"
  | "export-missing"
  | "integrity"
  | "untrusted"
  | "quarantined"
  | "unknown"
  | "duplicate"
  | "param"
  // Found by running it.
  | "refused"
  | "state"
  | "trap"
  | "non-finite"
  | "overload"
  | "hang";

/** One thing that is wrong in a manifest. */
export interface ManifestProblem {
  /** Where: "params[3].min". */
  readonly path: string;
  readonly message: string;
}

export class PluginFault extends Error {
  override readonly name = "PluginFault";
  readonly code: FaultCode;
  /** The plugin's id, or its folder while the id is not known. */
  readonly plugin: string;
  readonly problems: readonly ManifestProblem[];
  /** The node of a graph that cannot be had for it, where there is one. */
  node?: string;

  constructor(code: FaultCode, plugin: string, message: string, problems: readonly ManifestProblem[] = []) {
    super(`plugin ${plugin}: ${message}`);
    this.code = code;
    this.plugin = plugin;
    this.problems = problems;
  }
}

/** The message of whatever a plugin threw, which need not be an Error. Never throws itself. */
export function reasonOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return String(thrown.message);
  } catch {
    // A proxy, or a message that cannot be read: it says nothing about itself.
  }
  return typeof thrown === "string" ? thrown : `it threw a value of type ${typeof thrown}`;
}

/** Of whatever was thrown: a proxy may throw at the question. Never throws itself. */
export function isPluginFault(thrown: unknown): thrown is PluginFault {
  try {
    return thrown instanceof PluginFault;
  } catch {
    return false;
  }
}
