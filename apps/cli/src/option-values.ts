/** From the text of an option to its value; commander shows the message of what is refused. */
import { InvalidArgumentError } from "commander";

/** What `--plugins` takes. */
export const PLUGINS_HELP = "a plugin's folder, a folder of plugins or a .tgz; repeatable";

/** What `--watch` takes. */
export const WATCH_HELP = "go on with each new build of the plugin in this folder, until Ctrl+C";

export const collect = (value: string, all: readonly string[]): string[] => [...all, value];

export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

export function decimal(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text.replace("−", "-"));
    if (text.trim() !== "" && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`It must be a number from ${from} to ${to}.`);
  };
}

/** "10-25.5": two times in seconds. */
export function timeRange(text: string): [number, number] {
  const match = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text);
  const [from, to] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (!match || to <= from) throw new InvalidArgumentError("It must be two times in seconds, as in 10-25.5.");
  return [from, to];
}
