// Third-party decoders report damage on the console. Here it becomes text that the caller can show as a warning.

import { AsyncLocalStorage } from "node:async_hooks";

const listening = new AsyncLocalStorage<string[]>();
const methods = ["debug", "error", "info", "log", "warn"] as const;
let running = 0;
let restore = () => {};

function divertConsole(): () => void {
  const originals = methods.map((method) => [method, console[method]] as const);
  for (const [method, original] of originals) {
    // Only what is said within the task is caught; everyone else's output passes through.
    console[method] = (...words: unknown[]) => {
      const heard = listening.getStore();
      if (heard === undefined) original.apply(console, words);
      else heard.push(words.map(String).join(" "));
    };
  }
  return () => {
    for (const [method, original] of originals) console[method] = original;
  };
}

/** Runs `task` and collects, instead of printing, what it or anything it calls sends to the console. */
export async function listenTo<Result>(
  task: () => Promise<Result>,
): Promise<{ result: Result; said: string[] }> {
  const said: string[] = [];
  if (running++ === 0) restore = divertConsole();
  try {
    return { result: await listening.run(said, task), said };
  } finally {
    if (--running === 0) restore();
  }
}
