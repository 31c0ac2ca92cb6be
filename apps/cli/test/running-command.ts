/** A command that goes on until it is interrupted, and what it has said so far. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { plainEnvironment, type Ran } from "./command.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
/** Far more than any of it takes; only that no test hangs. */
const LONGEST_MS = 60_000;

export class RunningCommand {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #stdout = "";
  #stderr = "";
  /** How much of stderr has been waited for. */
  #seen = 0;
  #heard: () => void = () => {};

  constructor(...args: readonly string[]) {
    this.#child = spawn(process.execPath, [main, ...args], { env: plainEnvironment });
    this.#child.stdout!.on("data", (data) => {
      this.#stdout += data;
    });
    this.#child.stderr!.on("data", (data) => {
      this.#stderr += data;
      this.#heard();
    });
    this.#ended = new Promise((resolve) =>
      this.#child.once("close", (code) => {
        resolve(code);
        this.#heard();
      }),
    );
    onTestFinished(() => void this.#child.kill("SIGKILL"));
  }

  /** Waits until stderr says something more that matches. Throws an Error with all that it said if it does not, or ends. */
  async says(pattern: RegExp): Promise<string> {
    const deadline = setTimeout(() => this.#heard(), LONGEST_MS);
    const until = performance.now() + LONGEST_MS;
    try {
      for (;;) {
        const match = pattern.exec(this.#stderr.slice(this.#seen));
        if (match) {
          this.#seen += match.index + match[0].length;
          return match[0];
        }
        if (this.#child.exitCode !== null || performance.now() >= until)
          throw new Error(`it did not say ${pattern}, but:\n${this.#stderr}`);
        await new Promise<void>((resolve) => {
          this.#heard = resolve;
        });
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  /** Waits for its end, after Ctrl+C if asked. */
  async end(interrupt: boolean): Promise<Ran> {
    if (interrupt) this.#child.kill("SIGINT");
    const deadline = setTimeout(() => this.#child.kill("SIGKILL"), LONGEST_MS);
    const code = await this.#ended;
    clearTimeout(deadline);
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }
}
