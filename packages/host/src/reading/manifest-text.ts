/** From the bytes of a plugin.json to a checked manifest of an API that this host has. Runs in browsers too. */
import {
  checkManifest,
  type ExtensionId,
  type Manifest,
  missingExtensions,
  negotiate,
  PluginFault,
} from "@gainstage/plugin-api";

/** A manifest of more bytes is not read. */
export const MAX_MANIFEST_BYTES: number = 1 << 20;

/** What this host offers to plugins. See host-extensions.ts. */
export const HOST_EXTENSIONS: readonly ExtensionId[] = ["log/1", "resource/1"];

/**
 * `place` is where the bytes come from, `name` what the plugin is called while its id is not known. Throws a PluginFault
 * that lists every problem.
 */
export function parseManifest(bytes: Uint8Array, place: string, name: string): Manifest {
  const value = parseJson(bytes, place, name);
  // A plugin for a newer API may have a manifest of another shape: its version is looked at first.
  const { api, id } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const plugin = typeof id === "string" ? id : name;
  if (typeof api === "string") {
    const negotiation = negotiate(api);
    if (!negotiation.ok) throw new PluginFault(negotiation.code, plugin, negotiation.message);
  }
  const check = checkManifest(value);
  if (!check.ok) {
    const list = check.problems.map((p) => `${p.path} ${p.message}`).join("; ");
    throw new PluginFault(
      "manifest-invalid",
      plugin,
      `${place} is not a valid manifest: ${list}`,
      check.problems,
    );
  }
  refuseMissingExtensions(check.manifest);
  return check.manifest;
}

function parseJson(bytes: Uint8Array, place: string, name: string): unknown {
  try {
    if (bytes.length > MAX_MANIFEST_BYTES) throw new Error(`it is larger than ${MAX_MANIFEST_BYTES} bytes`);
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new PluginFault("manifest-invalid", name, `${place} cannot be read: ${(error as Error).message}`);
  }
}

function refuseMissingExtensions(manifest: Manifest): void {
  const missing = missingExtensions(manifest, HOST_EXTENSIONS);
  if (missing.length === 0) return;
  throw new PluginFault(
    "extension-missing",
    manifest.id,
    `it requires ${missing.join(", ")}, which this host does not offer (it offers ${HOST_EXTENSIONS.join(", ")}): update the host, or use a version of the plugin that does without`,
  );
}
