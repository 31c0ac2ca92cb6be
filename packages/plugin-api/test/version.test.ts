import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { API_VERSION, negotiate, parseApiVersion } from "../src/index.ts";

describe("negotiate", () => {
  test.each([
    ["0.1", "0.1", "ok"],
    ["0.2", "0.1", "api-too-new"],
    ["0.1", "0.2", "api-too-old"],
    ["0.1", "1.0", "api-too-old"],
    ["0.9", "1.4", "api-too-old"],
    ["1.0", "0.9", "api-too-new"],
    ["1.0", "1.0", "ok"],
    ["1.0", "1.4", "ok"],
    ["1.4", "1.4", "ok"],
    ["1.5", "1.4", "api-too-new"],
    ["2.0", "1.4", "api-too-new"],
    ["1.4", "2.0", "api-too-old"],
    ["1.10", "1.9", "api-too-new"],
    ["1.9", "1.10", "ok"],
  ])("a plugin of API %s in a host of %s: %s", (plugin, host, expected) => {
    const outcome = negotiate(plugin, host);
    expect(outcome.ok ? "ok" : outcome.code).toBe(expected);
    if (outcome.ok) return;
    expect(outcome.message).toContain(`plugin API ${plugin}`);
    expect(outcome.message).toContain(`this host has ${host}`);
    const remedies =
      expected === "api-too-new"
        ? ["update the host", `a version of the plugin built for API ${host}`]
        : ["update the plugin", `a host of API ${plugin}`];
    for (const remedy of remedies) expect(outcome.message).toContain(remedy);
  });

  test("the host's version is API_VERSION where none is given", () => {
    expect(negotiate(API_VERSION).ok).toBe(true);
    const newer = negotiate("7.0");
    expect(newer.ok || newer.message).toContain(`this host has ${API_VERSION}`);
  });

  test.each([
    "",
    "1",
    "1.",
    ".1",
    "1.0.0",
    "v1.0",
    "1.x",
    "01.0",
    "1.00",
    "-1.0",
    " 1.0",
    "1.0\n",
    "1e3.0",
    "123456.0",
  ])("%j is no version", (text) => {
    expect(parseApiVersion(text)).toBeUndefined();
    const outcome = negotiate(text, "1.0");
    expect(outcome.ok || outcome.code).toBe("api-invalid");
    expect(outcome.ok || outcome.message).toContain(`"${text}" is not "major.minor"`);
  });

  test("a host whose own version is no version is a mistake of the program", () => {
    expect(() => negotiate("1.0", "one")).toThrow(RangeError);
  });

  test("every pair of versions follows the rule: same major, minor not above the host's, drafts by themselves", () => {
    const part = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(part, part, part, part, (major, minor, hostMajor, hostMinor) => {
        const accepted = negotiate(`${major}.${minor}`, `${hostMajor}.${hostMinor}`).ok;
        const rule = major === hostMajor && (major === 0 ? minor === hostMinor : minor <= hostMinor);
        expect(accepted).toBe(rule);
      }),
    );
  });
});
