/** Lays out one package as npm gets it: what it holds in the repository, with JavaScript in the place of TypeScript. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { type PublishContext, publishableManifest } from "./publishable-manifest.ts";
import { root, type WorkspacePackage } from "./workspace.ts";

/** Folders that serve the work on a package, not its use. */
const LEFT_OUT = new Set(["test", "examples", "ambient", "node_modules"]);
const LEGAL = ["LICENSE", "NOTICE"];

/**
 * `compiled` holds what tsc made of the whole workspace, in its folders; `staged` is made and filled.
 * Throws an Error if a kernel has not been compiled.
 */
export function stagePackage(
  { folder, manifest }: WorkspacePackage,
  compiled: string,
  staged: string,
  context: Omit<PublishContext, "holds">,
): void {
  const source = join(root, folder);
  if (manifest.scripts?.wasm && !existsSync(join(source, "dist"))) {
    throw new Error(`${folder} has no dist: its kernel is not compiled; \`npm test\` compiles them all`);
  }
  mkdirSync(staged, { recursive: true });
  for (const name of readdirSync(source)) {
    if (LEFT_OUT.has(name) || name.startsWith(".")) continue;
    const filter = name === "src" ? (path: string) => !isCompiled(path) : () => true;
    cpSync(join(source, name), join(staged, name), { recursive: true, filter });
  }
  if (existsSync(join(compiled, folder))) cpSync(join(compiled, folder), staged, { recursive: true });
  shipWhatIsRead(source, staged);
  for (const name of LEGAL) cpSync(join(root, name), join(staged, name));
  for (const file of readdirSync(join(staged, "src"), { recursive: true, encoding: "utf8" })) {
    if (/\.(js|d\.ts)$/.test(file)) pointAtJavaScript(join(staged, "src", file));
  }
  referToAmbientTypes(join(staged, "src"));
  const holds = (path: string) => existsSync(join(staged, path));
  const published = publishableManifest(manifest, { ...context, holds });
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(published, null, 2)}\n`);
}

function isCompiled(path: string): boolean {
  return path.endsWith(".ts") && !path.endsWith(".d.ts");
}

/**
 * TypeScript that the package's pages link to is there to be read, comments and all, and lies beside what was made of it.
 * Compilers of strangers prefer it to the declarations, so that it may import nothing. Throws an Error if it does.
 */
function shipWhatIsRead(source: string, staged: string): void {
  for (const page of readdirSync(staged, { recursive: true, encoding: "utf8" })) {
    if (!page.endsWith(".md")) continue;
    for (const linked of linkedFiles(join(staged, page))) {
      const path = relative(staged, linked);
      if (!isCompiled(path) || existsSync(linked) || !existsSync(join(source, path))) continue;
      if (/^(import|export .* from) /m.test(readFileSync(join(source, path), "utf8")))
        throw new Error(`${page} links to ${path}, which cannot be shipped as it is: it imports something`);
      cpSync(join(source, path), linked);
    }
  }
}

/** The files, there or not, that the relative links of a Markdown page name. */
export function linkedFiles(page: string): string[] {
  const prose = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```$/gm, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link.replace(/#.*/, ""))
    .filter((link) => link !== "" && !/^[a-z]+:/.test(link))
    .map((link) => join(dirname(page), link));
}

/**
 * tsc rewrites "./x.ts" to "./x.js" in imports of JavaScript. This does it where a path stands elsewhere: in declarations,
 * and in `new URL("./worker.ts", import.meta.url)`.
 */
function pointAtJavaScript(file: string): void {
  const text = readFileSync(file, "utf8");
  const pointed = text.replace(/"(\.{1,2}\/[^"\n]+)\.ts"/g, (path, stem: string) =>
    existsSync(join(dirname(file), `${stem}.js`)) ? `"${stem}.js"` : path,
  );
  if (pointed !== text) writeFileSync(file, pointed);
}

/** Hand-written declarations of globals: in the repository the tsconfig includes them, for strangers the index has to. */
function referToAmbientTypes(src: string): void {
  const index = join(src, "index.d.ts");
  const ambient = readdirSync(src).filter(
    (name) => name.endsWith(".d.ts") && !existsSync(join(src, `${basename(name, ".d.ts")}.js`)),
  );
  if (ambient.length === 0 || !existsSync(index)) return;
  const references = ambient.map((name) => `/// <reference path="./${name}" />\n`).join("");
  writeFileSync(index, references + readFileSync(index, "utf8"));
}
