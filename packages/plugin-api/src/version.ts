/** Which plugins a host accepts, decided from the manifest's `api` alone, before any code is read. */
import { API_VERSION } from "./plugin.ts";

export interface ApiVersion {
  readonly major: number;
  readonly minor: number;
}

export type Negotiation =
  | { readonly ok: true; readonly version: ApiVersion }
  | {
      readonly ok: false;
      readonly code: "api-invalid" | "api-too-new" | "api-too-old";
      readonly message: string;
    };

/** "1.4" as numbers; undefined for anything that is not exactly major.minor. */
export function parseApiVersion(text: string): ApiVersion | undefined {
  const match = /^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined;
}

/**
 * A host of API `host` meets a plugin built for API `plugin`: accepted with the same major version and a host
 * that is at least as new. Versions 0.x are drafts, each accepted only by itself. A refusal names both versions
 * and both remedies.
 */
export function negotiate(plugin: string, host: string = API_VERSION): Negotiation {
  const wanted = parseApiVersion(plugin);
  const own = parseApiVersion(host);
  if (!own) throw new RangeError(`the host's API version "${host}" is not "major.minor"`);
  if (!wanted) {
    return { ok: false, code: "api-invalid", message: `its API version "${plugin}" is not "major.minor"` };
  }
  const sameMajor = wanted.major === own.major;
  if (sameMajor && (wanted.major === 0 ? wanted.minor === own.minor : wanted.minor <= own.minor)) {
    return { ok: true, version: wanted };
  }
  if (wanted.major > own.major || (sameMajor && wanted.minor > own.minor)) {
    return {
      ok: false,
      code: "api-too-new",
      message: `it needs plugin API ${plugin}, this host has ${host}: update the host, or use a version of the plugin built for API ${host}`,
    };
  }
  return {
    ok: false,
    code: "api-too-old",
    message: `it was built for plugin API ${plugin}, this host has ${host}: update the plugin, or use a host of API ${plugin}`,
  };
}
