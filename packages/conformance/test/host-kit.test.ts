/** The host kit tried: a host that keeps its word passes it, and each way to break it is found out by its check. */
import { rmSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { CheckFailed } from "../src/cases/check-failed.ts";
import { HOST_CHECKS } from "../src/host-kit/describe-host.ts";
import { makeKitFolder } from "../src/host-kit/kit-folder.ts";
import { trialOf } from "../src/host-kit/trial.ts";
import { type Defect, miniHost } from "./mini-host.ts";

/** A host on one thread hangs with a plugin that hangs. */
const CHECKS = HOST_CHECKS.filter(({ title }) => !title.includes("the kind hangs"));

const kit = makeKitFolder();
afterAll(() => rmSync(kit.path, { recursive: true, force: true }));

async function failuresOf(
  defect?: Defect,
  ids?: readonly string[],
  shape?: "chain",
): Promise<Map<string, string>> {
  const trial = trialOf(miniHost(defect, shape), kit);
  const failures = new Map<string, string>();
  for (const check of CHECKS) {
    if (ids && !ids.includes(check.id)) continue;
    // The first of a number is enough, and containment takes long.
    if (failures.has(check.id)) continue;
    try {
      await check.run(trial);
    } catch (error) {
      expect(error, `${check.id} fails with`).toBeInstanceOf(CheckFailed);
      failures.set(check.id, `${check.title}: ${(error as Error).message}`);
    }
  }
  return failures;
}

test("a host that keeps its word passes", async () => {
  expect([...(await failuresOf())]).toEqual([]);
});

test("so does one that plays chains alone", async () => {
  expect([...(await failuresOf(undefined, undefined, "chain"))]).toEqual([]);
});

test.each([
  ["drops the last frame of a block", "H05", /0 frames late: .* at frame 511/],
  ["drops the last frame of a block", "H10", /blocks of 64 on 1 threads: .* at frame \d+/],
  ["cuts instead of fading", "H07", /a step of 0\.\d+ at frame \d+: it is cut, not faded/],
] as const)("it is found out too that %s (%s)", async (defect, breaks, says) => {
  expect((await failuresOf(defect, [breaks], "chain")).get(breaks)).toMatch(says);
});

interface Broken {
  readonly defect: Defect;
  readonly breaks: string;
  readonly says: RegExp;
  /** Checks that cannot but fail too. */
  readonly also?: readonly string[];
}

const DEFECTS: readonly Broken[] = [
  {
    defect: "changes are a frame late",
    breaks: "H01",
    says: /a has the value 0 at frame 0; it was to be 0\.25/,
  },
  {
    defect: "an unconnected key hears the input",
    breaks: "H02",
    says: /a sidechain that nothing feeds reaches 0\.\d+/,
  },
  {
    defect: "silentOutputs is never cleared",
    breaks: "H03",
    says: /silentOutputs is not cleared before a call/,
  },
  { defect: "goes on after dispose", breaks: "H04", says: /after dispose\(\) comes process/ },
  {
    defect: "latency is not compensated",
    breaks: "H05",
    says: /64 frames late, minus the input: .* at frame 0/,
  },
  {
    defect: "sleeps in every silence",
    breaks: "H06",
    says: /echoes of bursts: 0, 0 instead of .* at frame 5\d{3}/,
    also: ["H05", "H10"],
  },
  {
    defect: "runs any version",
    breaks: "H09",
    says: /a plugin for API 1\.99 gives nothing; it was to be api-too-new/,
  },
  {
    defect: "drops the last frame of a block",
    breaks: "H10",
    says: /blocks of 64 on 1 threads: .* at frame \d+/,
    also: ["H05", "H06"],
  },
  {
    defect: "lets everything through",
    breaks: "H07",
    says: /the kind nan, onFault bypass: NaN is heard|its faults are none/,
  },
  {
    defect: "cuts instead of fading",
    breaks: "H07",
    says: /a step of 0\.\d+ at frame \d+: it is cut, not faded/,
  },
  { defect: "never builds anew", breaks: "H07", says: /built anew: .* instead of .* at frame 7040/ },
  {
    defect: "one plugin's input is the next one's",
    breaks: "H07",
    says: /the kind writes-inputs, onFault bypass: the rest of the mix/,
  },
  {
    defect: "keeps parameters in single precision",
    breaks: "H08",
    says: /its parameter thinnest is 0 instead of 5e-324/,
  },
  {
    defect: "writes the hour into its documents",
    breaks: "H08",
    says: /written again, differs at byte 8/,
  },
  {
    defect: "forgets the state of what is not there",
    breaks: "H08",
    says: /its state has another version, or is gone/,
  },
];

describe("a host is found out that", () => {
  test.each(DEFECTS)("$defect ($breaks)", async ({ defect, breaks, says, also = [] }) => {
    // Containment takes the most time, and only some of the defects touch it.
    const asked = breaks === "H07" ? ["H07"] : CHECKS.map(({ id }) => id).filter((id) => id !== "H07");
    const failures = await failuresOf(defect, asked);
    expect(failures.get(breaks)).toMatch(says);
    expect([...failures.keys()].filter((id) => id !== breaks && !also.includes(id))).toEqual([]);
  });
});
