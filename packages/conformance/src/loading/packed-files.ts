/**
 * Which files `npm pack` takes, by npm's rules (docs.npmjs.com, package.json, "files"): a list of files, folders and
 * globs; without one, everything that .npmignore, or else .gitignore, lets through. Of those rules this has what a
 * plugin's own folder can say; ignore files further down or up are not read.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { packageJson } from "./package-json.ts";

export interface PackingRules {
  /** Where they stand, for a message. */
  readonly from: string;
  /** Before any rule matches. */
  readonly takesAll: boolean;
  /** The last that matches decides. */
  readonly rules: readonly { readonly matches: RegExp; readonly takes: boolean }[];
}

/** Whatever the rules say: at the top of the package always, and never. */
const ALWAYS = /^(package\.json|(readme|copying|licen[cs]e)(\.[^/]*)?)$/i;
const NEVER =
  /^(node_modules|\.git)\/|(^|\/)\.npmrc$|^(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb)$/;
/** What editors and systems leave behind: not without being named. */
const LITTER = /(^|\/)(\.svn|\.hg|CVS)\/|(^|\/)(\.DS_Store|\._[^/]*|\.[^/]*\.swp|[^/]*\.orig)$/;

/** Throws a PluginFault if package.json cannot be read. */
export function packingRules(folder: string): PackingRules {
  const { files, main } = packageJson(folder);
  if (Array.isArray(files)) {
    const rules = files.filter((entry) => typeof entry === "string").map(listed);
    const required = typeof main === "string" ? [listed(main)] : [];
    return { from: '"files" in package.json', takesAll: false, rules: [...rules, ...required] };
  }
  const from = [".npmignore", ".gitignore"].find((name) => existsSync(join(folder, name)));
  const lines = from === undefined ? [] : readFileSync(join(folder, from), "utf8").split(/\r?\n/);
  const patterns = lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  return { from: from ?? "npm", takesAll: true, rules: patterns.map(ignored) };
}

/** `path` is relative to the folder, with slashes. */
export function isPacked(path: string, { takesAll, rules }: PackingRules): boolean {
  const plain = posix.normalize(path);
  if (ALWAYS.test(plain)) return true;
  if (NEVER.test(plain)) return false;
  return rules.findLast(({ matches }) => matches.test(plain))?.takes ?? (takesAll && !LITTER.test(plain));
}

/** An entry of "files": a name takes the file, or the folder with all that is in it; a glob the files that it matches. */
function listed(entry: string): PackingRules["rules"][number] {
  const takes = !entry.startsWith("!");
  const pattern = entry
    .replace(/^!/, "")
    .replace(/^\.?\//, "")
    .replace(/\/$/, "")
    .replace(/\/\*$/, "/**");
  const source = globSource(pattern);
  if (!/[*?[{]/.test(pattern)) return { matches: new RegExp(`^${source}(/.*)?$`), takes };
  // What lies in a folder is taken only if the folder is: a glob without a slash has to match every name on the way.
  const deeper = pattern.includes("/") ? "" : `(/${source})*`;
  return { matches: new RegExp(`^${source}${deeper}$`, "i"), takes };
}

/** A line of an ignore file (gitignore(5)): what it matches goes with all that is in it. */
function ignored(line: string): PackingRules["rules"][number] {
  const takes = line.startsWith("!");
  const pattern = line.replace(/^!/, "").replace(/\/$/, "");
  const source = globSource(pattern.replace(/^\//, ""));
  return { matches: new RegExp(`${pattern.includes("/") ? "^" : "(^|/)"}${source}(/|$)`, "i"), takes };
}

const GLOB_TOKENS = /\*\*\/|\*\*|\*|\?|\[[^\]]*\]|[{},]|[^*?[{},]+|\[/g;

/** A regular expression for the glob: `*`, `?`, `[a-z]` and `{a,b}` within a name, `**` over folders. */
function globSource(glob: string): string {
  let braces = 0;
  return (glob.match(GLOB_TOKENS) ?? [])
    .map((token) => {
      if (token === "**/") return "(?:.*/)?";
      if (token === "**") return ".*";
      if (token === "*") return "[^/]*";
      if (token === "?") return "[^/]";
      if (token === "{") braces++;
      if (token === "{") return "(?:";
      if (token === "," && braces > 0) return "|";
      if (token === "}" && braces > 0) {
        braces--;
        return ")";
      }
      if (token.length > 2 && token.startsWith("[")) return token.replace(/^\[!/, "[^");
      return token.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    })
    .join("");
}
