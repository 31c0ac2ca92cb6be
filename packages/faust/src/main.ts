/**
 * gainstage-faust build FILE.dsp -o DIR: makes a plugin folder from a Faust program.
 * Exit codes as those of the gainstage command: 0 ok, 2 usage, 3 bad input, 5 output.
 */
import { parseArgs } from "node:util";
import type { FaustOptions } from "./compile.ts";
import { FaustError } from "./faust-error.ts";
import { writeFaustPlugin } from "./write-plugin.ts";

const USAGE = `usage: gainstage-faust build FILE.dsp -o DIR [options]

Makes a Gainstage plugin, plugin.json and one wasm file, from a Faust program.

  -o, --out DIR        the plugin's folder; made if need be
  --id ID              reverse DNS (default: declare gainstage_id "…")
  --name NAME          what users see (default: declare name)
  --vendor NAME        who makes it (default: declare vendor, or author)
  --version VERSION    semver (default: declare version, or 1.0.0)
  --features LIST      what it is, with commas (default: declare features)
  --wasm PATH          the wasm file's path in the folder (default: FILE.wasm)
  --double             compute in double precision
  -h, --help           this text
`;

const EXIT = { ok: 0, usage: 2, input: 3, output: 5 } as const;

async function main(args: readonly string[]): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return usageError((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(USAGE);
    return EXIT.ok;
  }
  const [command, file, ...more] = positionals;
  if (command !== "build" || file === undefined || more.length > 0 || values.out === undefined)
    return usageError("it takes `build`, one FILE.dsp and -o DIR");
  return build(file, values.out, {
    ...(values.id !== undefined ? { id: values.id } : {}),
    ...(values.name !== undefined ? { name: values.name } : {}),
    ...(values.vendor !== undefined ? { vendor: values.vendor } : {}),
    ...(values.version !== undefined ? { version: values.version } : {}),
    ...(values.features !== undefined ? { features: values.features.split(",").map((f) => f.trim()) } : {}),
    ...(values.wasm !== undefined ? { wasmFile: values.wasm } : {}),
    double: values.double ?? false,
  });
}

function parse(args: readonly string[]) {
  const text = { type: "string" } as const;
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: "string", short: "o" },
      id: text,
      name: text,
      vendor: text,
      version: text,
      features: text,
      wasm: text,
      double: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
}

function usageError(message: string): number {
  console.error(`error: ${message}. See gainstage-faust --help`);
  return EXIT.usage;
}

async function build(file: string, folder: string, options: FaustOptions): Promise<number> {
  try {
    const { manifest, wasm, warnings } = await writeFaustPlugin(file, folder, options);
    for (const warning of warnings) console.error(`warning: ${warning}`);
    const size = `${(wasm.length / 1024).toFixed(1)} KiB`;
    console.error(`${folder}: ${manifest.id}, ${manifest.params.length} parameters, ${size}`);
    return EXIT.ok;
  } catch (error) {
    if (error instanceof FaustError) {
      console.error(`error: ${error.message}`);
      return EXIT.input;
    }
    const { code, path, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    console.error(`error: ${message}`);
    return path === file ? EXIT.input : EXIT.output;
  }
}

process.exitCode = await main(process.argv.slice(2));
