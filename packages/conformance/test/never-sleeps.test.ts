/** A plugin that runs free, such as a tremolo that goes on in silence, says that it is never at rest. */
import { expect, test } from "vitest";
import { afterwards } from "./broken.ts";
import { failuresOf, resultsOf } from "./failures.ts";
import { activateSound, memoryPlugin } from "./sound-plugin.ts";

const TAIL = ["T03", "T04", "T05", "T06", "T07"];
const never = afterwards(() => Number.POSITIVE_INFINITY);

test("a plugin with a tail of its own that never sleeps keeps every promise, and T05 says so", async () => {
  expect([...(await failuresOf(never, TAIL))]).toEqual([]);
  const [rests] = await resultsOf(never, ["T05"]);
  expect(rests.message).toBe("never sleeps: process() says at its defaults that there is no end");
});

test("of a plugin that comes to rest T05 does not say that", async () => {
  const [rests] = await resultsOf(memoryPlugin(activateSound), ["T05"]);
  expect(rests.message).toMatch(/^\d+ cases$/);
});

test("a plugin that says Infinity only now and then is found out (T05)", async () => {
  let calls = 0;
  const wavers = afterwards((_, remaining) => (calls++ % 3 === 2 ? Number.POSITIVE_INFINITY : remaining));
  expect((await failuresOf(wavers, ["T05"])).get("T05")).toMatch(/frames were left, then Infinity/);
});
