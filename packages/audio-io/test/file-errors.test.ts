import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inputErrorFrom, outputErrorFrom } from "../src/file-errors.ts";
import { InputError, readAudioFile } from "../src/index.ts";
import { scratchFolder } from "./scratch-folder.ts";

const folder = scratchFolder();

test("what is not audio says what it is", async () => {
  mkdirSync(join(folder.path, "stems.wav"));
  const cases: [string, string][] = [
    [
      folder.save("text.flac", "hello world, this is text"),
      "it is not an audio file (starts with 'hello wo')",
    ],
    [folder.save("short.txt", "hi"), "it is not an audio file (starts with 'hi')"],
    [
      folder.save("zeros.wav", new Uint8Array(5000)),
      "it is not an audio file (starts with bytes 00 00 00 00 00 00 00 00)",
    ],
    [folder.save("notes.mid", "MThd----------"), "it is a MIDI file: it holds notes, not audio"],
    [
      folder.save("a.ape", "MAC ----------"),
      "it is a Monkey's Audio (APE) file, which is not supported; convert it to FLAC",
    ],
    [folder.save("empty.wav", ""), "the file is empty"],
    [folder.save("tag.mp3", "ID3\x03\x00\x00\x00\x00\x01\x00"), "it ends inside its ID3 tag"],
    [join(folder.path, "stems.wav"), "it is a directory"],
    [join(folder.path, "missing.wav"), "no such file"],
    [join(folder.path, "empty.wav", "x.wav"), `${join(folder.path, "empty.wav")} is not a directory`],
    ["/dev/null", "it is not a regular file"],
  ];
  for (const [path, reason] of cases) {
    const error = await readAudioFile(path).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ path, reason, message: `cannot read ${path}: ${reason}` });
  }
});

test("system errors become words", () => {
  const failure = (code: string) => Object.assign(new Error(`${code}: raw text`), { code });
  expect(inputErrorFrom("a.wav", failure("EACCES")).message).toBe("cannot read a.wav: permission denied");
  expect(inputErrorFrom("a.wav", failure("EXYZ")).message).toBe("cannot read a.wav: EXYZ: raw text");
  const reasons: [string, string][] = [
    ["EACCES", "permission denied"],
    ["ENOSPC", "no space is left on the disk"],
    ["EROFS", "the file system is read-only"],
    ["EISDIR", "it is a directory"],
    ["ENOENT", "the directory out does not exist"],
    ["ENOTDIR", "out is not a directory"],
  ];
  for (const [code, reason] of reasons) {
    const error = outputErrorFrom("out/a.wav", failure(code));
    expect(error).toMatchObject({ name: "OutputError", path: "out/a.wav", reason });
    expect(error.message).toBe(`cannot write out/a.wav: ${reason}`);
  }
});
