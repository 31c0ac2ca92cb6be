import { expect, test } from "vitest";
import { naturalOrder, supportedExtensions } from "../src/index.ts";

test("numbers in names count as numbers", () => {
  const names = ["10 vox.wav", "2 bass.wav", "1 kick.wav", "stem 2b.wav", "stem 10.wav", "stem 2.wav"];
  expect(names.sort(naturalOrder)).toEqual([
    "1 kick.wav",
    "2 bass.wav",
    "10 vox.wav",
    "stem 2.wav",
    "stem 2b.wav",
    "stem 10.wav",
  ]);
});

test("different names never compare as equal, so a folder has one order", () => {
  expect(naturalOrder("01.wav", "1.wav")).not.toBe(0);
  expect(naturalOrder("01.wav", "1.wav")).toBe(-naturalOrder("1.wav", "01.wav"));
  expect(naturalOrder("a", "a")).toBe(0);
});

test("extensions are lower case with their dot", () => {
  for (const extension of supportedExtensions) expect(extension).toMatch(/^\.[a-z0-9]+$/);
});
