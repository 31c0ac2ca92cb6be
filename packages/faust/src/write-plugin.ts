/** Compiles a .dsp file to a plugin folder. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkManifest, type Manifest } from "@gainstage/plugin-api";
import { compileFaust, type FaustOptions, type FaustPlugin } from "./compile.ts";
import { FaustError } from "./faust-error.ts";
import { noticeOf } from "./licences.ts";

/**
 * Writes plugin.json, the module and a NOTICE of the library functions used into `folder`, which is made if need be; what
 * else is there stays, and so does what an older plugin.json there says and the program does not. Imports are found beside
 * the file. Throws a FaustError for a program that is wrong, and then writes
 * nothing.
 */
export async function writeFaustPlugin(
  dspFile: string,
  folder: string,
  options: Omit<FaustOptions, "fileName"> = {},
): Promise<FaustPlugin> {
  const source = await readFile(dspFile, "utf8");
  const libraries = { ...(await sourcesBeside(dspFile)), ...options.libraries };
  const before = options.before ?? (await manifestIn(folder));
  const plugin = await compileFaust(source, { ...options, before, fileName: basename(dspFile), libraries });
  const { entry } = plugin.manifest;
  const notice = noticeOf(plugin.licences);
  await mkdir(folder, { recursive: true });
  if ("wasm" in entry) await put(join(folder, entry.wasm), plugin.wasm);
  if (notice !== undefined) await put(join(folder, "NOTICE"), notice);
  // Last, so that a folder with a manifest is whole.
  await put(join(folder, "plugin.json"), `${JSON.stringify(plugin.manifest, null, 2)}\n`);
  return plugin;
}

/** What the folder's plugin.json says; nothing if there is none. Throws a FaustError if it is no manifest. */
async function manifestIn(folder: string): Promise<Partial<Manifest>> {
  const path = join(folder, "plugin.json");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    return {};
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FaustError(`it is no JSON: ${(error as Error).message}; mend or remove it`, path);
  }
  const check = checkManifest(value);
  if (check.ok) return check.manifest;
  const [{ path: where, message }] = check.problems;
  throw new FaustError(`${where} ${message}; mend or remove it`, path);
}

/** What the program may import, by name: the other Faust sources in its folder. */
async function sourcesBeside(dspFile: string): Promise<Record<string, string>> {
  const folder = dirname(dspFile);
  const names = (await readdir(folder)).filter(
    (name) => /\.(lib|dsp)$/.test(name) && name !== basename(dspFile),
  );
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")])),
  );
}

/** Under a temporary name first, so that nobody reads half a file. */
async function put(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
