import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTarball } from "../src/reading/tarball.ts";
import { paxRecord, type TarEntry, tar, tgz } from "./tar-bytes.ts";

const textsOf = (bytes: Uint8Array) =>
  Object.fromEntries([...readTarball(bytes)].map(([path, b]) => [path, Buffer.from(b).toString()]));
const file = (path: string, content = "x"): TarEntry => ({ path, content });

describe("an archive gives its files:", () => {
  test("by their paths in the package, folders left out", () => {
    const bytes = tgz(
      { path: "package/", type: "5" },
      file("package/plugin.json", "{}"),
      file("package/dist/a.wasm", "a".repeat(1025)),
      file("package/empty", ""),
    );
    expect(textsOf(bytes)).toEqual({ "plugin.json": "{}", "dist/a.wasm": "a".repeat(1025), empty: "" });
  });

  test("with long names from the prefix, and longer ones from a pax header", () => {
    const long = `package/${"é".repeat(120)}.json`;
    const bytes = tgz(
      { path: "b.txt", prefix: "package/deep", content: "1" },
      { path: "pax", type: "x", content: paxRecord("path", long) + paxRecord("mtime", "1.5") },
      file("package/short", "2"),
      file("package/after", "3"),
    );
    expect(textsOf(bytes)).toEqual({ "deep/b.txt": "1", [`${"é".repeat(120)}.json`]: "2", after: "3" });
  });

  test("with a comment for all of them, as git writes one", () => {
    const bytes = tgz({ path: "g", type: "g", content: paxRecord("comment", "abc") }, file("repo-1/a"));
    expect(textsOf(bytes)).toEqual({ a: "x" });
  });
});

describe("an archive is refused", () => {
  const LINK = "is a link; links are not unpacked";
  const OUTSIDE = "is not a path inside the archive";
  test.each<[string, Uint8Array, string]>([
    ["with a symbolic link", tgz(file("package/a"), { path: "package/b", type: "2" }), `"package/b" ${LINK}`],
    ["with a hard link", tgz({ path: "package/b", type: "1" }), `"package/b" ${LINK}`],
    ["with a device", tgz({ path: "package/b", type: "3" }), "is neither a file nor a folder"],
    [
      "with GNU's long names",
      tgz({ path: "././@LongLink", type: "L", content: "x" }),
      "is neither a file nor",
    ],
    ["with a way up", tgz(file("package/../../b")), OUTSIDE],
    ["with a way up at the end", tgz(file("package/..")), OUTSIDE],
    ["with an absolute path", tgz(file("/package/b")), OUTSIDE],
    ["with a drive", tgz(file("C:/b")), OUTSIDE],
    ["with backslashes", tgz(file("package\\b")), OUTSIDE],
    [
      "with a way up in a pax header",
      tgz({ path: "p", type: "x", content: paxRecord("path", "package/../../b") }, file("package/a")),
      OUTSIDE,
    ],
    [
      "with a path for all files",
      tgz({ path: "g", type: "g", content: paxRecord("path", "package/b") }, file("package/a")),
      "gives every file the same path",
    ],
    ["with a file twice", tgz(file("package/a"), file("package/./a")), "is there twice"],
    [
      "with two folders at the top",
      tgz(file("package/a"), file("other/a")),
      'it holds "other" beside "package"',
    ],
    ["with a file at the top", tgz(file("plugin.json")), "where the folder of the package should be"],
    ["with nothing in it", tgz(), "the archive is empty"],
    ["with a wrong checksum", tgz({ ...file("package/a"), wrongSum: true }), "checksum is wrong"],
    [
      "with a size that is no number",
      tgz({ ...file("package/a"), size: "-1         \0" }),
      "size is not a number",
    ],
    ["with a size beyond the end", tgz({ ...file("package/a"), size: "77777777777\0" }), "ends too early"],
    [
      "with a pax header that lies about its length",
      tgz({ path: "p", type: "x", content: "99 path=a\n" }, file("package/a")),
      "a pax header is broken",
    ],
    [
      "with a size in a pax header beyond the end",
      tgz({ path: "p", type: "x", content: paxRecord("size", "999999999999") }, file("package/a")),
      "ends too early",
    ],
    ["that ends too early", gzipSync(tar([file("package/a")], 0)), "ends too early"],
    ["that is not gzipped", tar([file("package/a")]), "it is not gzipped"],
    ["that is cut off", tgz(file("package/a", "abc".repeat(5000))).subarray(0, 60), "it is not gzipped"],
  ])("%s", (_name, bytes, message) => {
    expect(() => readTarball(bytes)).toThrow(message);
  });

  test("that unpacks to more than 64 MiB, though it is small, in one member or in several", () => {
    const bomb = gzipSync(Buffer.alloc(65 << 20));
    expect(bomb.length).toBeLessThan(100_000);
    expect(() => readTarball(bomb)).toThrow("unpacked it has more than 67108864 bytes");
    const half = gzipSync(Buffer.alloc(40 << 20));
    expect(() => readTarball(Buffer.concat([half, half]))).toThrow(
      "unpacked it has more than 67108864 bytes",
    );
  });

  test("that holds more entries than anybody packs", () => {
    const many = Array.from({ length: 10_001 }, (_, i) => ({ path: `package/${i}`, type: "5" }));
    expect(() => readTarball(tgz(...many))).toThrow("more than 10000 entries");
  });
});

test("bytes at random in the place of a sound archive's are an Error or files, never a hang", () => {
  const sound = tar([
    file("package/plugin.json", "{}"),
    { path: "p", type: "x", content: paxRecord("path", "package/long") },
    file("package/a"),
  ]);
  const change = fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      const bytes = Buffer.from(sound);
      for (const { at, byte } of changes) bytes[at] = byte;
      try {
        readTarball(gzipSync(bytes, { level: 1 }));
      } catch (error) {
        expect((error as Error).constructor).toBe(Error);
      }
    }),
    { numRuns: 500 },
  );
});
