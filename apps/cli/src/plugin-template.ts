/**
 * What `plugin new` writes. templates/effect holds what every effect has, the folders beside it one language each: its
 * source, and a template.json with what differs. Texts may hold placeholders such as __ID__.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const templates = fileURLToPath(new URL("../templates/", import.meta.url));
const COMMON = "effect";
const FACTS = "template.json";

/** template.json. */
export interface TemplateFacts {
  readonly language: string;
  /** The file to begin with. */
  readonly source: string;
  /** What must be installed, as the end of a sentence. */
  readonly needs: string;
  /** The option with which a host runs it, with a space before; empty for wasm. */
  readonly trust: string;
  readonly entry: Readonly<Record<string, string>>;
  /** Goes into package.json. */
  readonly package: JsonObject;
}

/** What the author chose. */
export interface TemplateValues {
  readonly api: string;
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  /** The last part of file names, and the npm package's name. */
  readonly slug: string;
  /** A range of versions of Gainstage's packages. */
  readonly version: string;
}

type Json = string | number | boolean | null | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

export function templateNames(): string[] {
  return readdirSync(templates)
    .filter((name) => existsSync(join(templates, name, FACTS)))
    .sort();
}

export function templateFacts(template: string): TemplateFacts {
  return JSON.parse(readFileSync(join(templates, template, FACTS), "utf8"));
}

/** The files of a new plugin, by path within its folder. `template` is one of templateNames(). */
export function renderTemplate(template: string, values: TemplateValues): Map<string, string> {
  const facts = templateFacts(template);
  const entry = filledJson(facts.entry, values) as Readonly<Record<string, string>>;
  const placeholders = {
    ...values,
    language: facts.language,
    source: facts.source,
    needs: facts.needs,
    trust: facts.trust,
    entry: Object.values(entry)[0],
  };
  const additions: Readonly<Record<string, JsonObject>> = {
    "plugin.json": { entry },
    "package.json": facts.package,
  };
  const files = new Map<string, string>();
  for (const folder of [COMMON, template]) {
    for (const { parentPath, name } of filesBelow(join(templates, folder))) {
      const path = join(parentPath, name);
      const within = path.slice(join(templates, folder).length + 1);
      if (within === FACTS) continue;
      const text = readFileSync(path, "utf8");
      files.set(
        // npm leaves files of that name out of a package.
        within === "gitignore" ? ".gitignore" : within,
        within.endsWith(".json")
          ? jsonText(filledJson(merged(JSON.parse(text), additions[within] ?? {}), placeholders))
          : filled(text, placeholders),
      );
    }
  }
  return files;
}

function filesBelow(folder: string) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
}

function filled(text: string, placeholders: object): string {
  const byName = new Map(Object.entries(placeholders));
  return text.replace(/__([A-Z]+)__/g, (all, name: string) => byName.get(name.toLowerCase()) ?? all);
}

/** In texts alone, so that a quotation mark in a name stays one. */
function filledJson(value: Json, placeholders: object): Json {
  if (typeof value === "string") return filled(value, placeholders);
  if (Array.isArray(value)) return value.map((item) => filledJson(item, placeholders));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, filledJson(v, placeholders)]));
}

/** Objects are merged, anything else of `over` takes the place of what was there. */
function merged(under: JsonObject, over: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonText(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
