/** `gainstage play`: where it begins, what it loops, its keys, and what it says at the end. */
import { EventEmitter } from "node:events";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { PlayKeys } from "../src/play-keys.ts";
import { gainstage, scratchFolder, writeMusic } from "./command.ts";
import { RunningCommand } from "./running-command.ts";

const music = join(scratchFolder(), "music.wav");
beforeAll(() => writeMusic(music, 48_000, 4));

const play = (...args: string[]) => gainstage("play", music, "--sink", "none", ...args);

describe("play", () => {
  test("begins where it is told to, ends with the song, and says how many dropouts there were", () => {
    const { code, stderr } = play("--from", "3.2");
    expect(stderr).toMatch(/music\.wav: 4\.00 s at 48000 Hz, peak −\d+\.\d dBFS, \d+ dropouts?/);
    expect(code).toBe(0);
  });

  test("plays so many seconds from there", () => {
    expect(play("--from", "2", "--seconds", "0.5").stderr).toContain("music.wav: 2.50 s at 48000 Hz");
  });

  test("goes over a loop again and again, until it is interrupted", async () => {
    const command = new RunningCommand("play", music, "--sink", "none", "--loop", "3-3.5");
    // Without the loop the song would be over after a second.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const { code, stderr } = await command.end(true);
    expect(code).toBe(130);
    expect(stderr).toMatch(/music\.wav: 3\.[0-5]\d s at 48000 Hz/);
  });

  test.each([
    [["--from", "4"], /is 4\.00 s long: there is nothing from 4 s on/],
    [["--loop", "3-5"], /is 4\.00 s long: the loop cannot end at 5 s/],
    [["--loop", "1-2", "--from", "2.5"], /--from 2\.5 is behind the end of the loop, at 2 s/],
    [["--loop", "2-1"], /must be two times in seconds/],
    [["--loop", "1-2", "--seconds", "3"], /cannot be used with option '--seconds/],
  ])("refuses %j", (args, why) => {
    const { code, stderr } = play(...args);
    expect(stderr).toMatch(why);
    expect(code).toBe(2);
  });

  test("tells of its keys in its help", () => {
    expect(gainstage("play", "--help").stdout).toContain("space plays and stops");
  });
});

describe("its keys", () => {
  const RATE_HZ = 48_000;

  class Keyboard extends EventEmitter {
    isRaw = false;
    setRawMode(on: boolean): void {
      this.isRaw = on;
    }
    resume(): void {}
    pause(): void {}
    type(...keys: string[]): void {
      this.emit("data", Buffer.from(keys.join("")));
    }
  }

  function keys() {
    const asked: string[] = [];
    const keyboard = new Keyboard();
    const own = new PlayKeys(
      {
        play: () => void asked.push("play"),
        stop: () => void asked.push("stop"),
        seek: (frame) => void asked.push(`seek ${frame / RATE_HZ}`),
      },
      { sampleRateHz: RATE_HZ, frames: 60 * RATE_HZ, fromFrame: 12 * RATE_HZ },
      { keyboard, write: (text) => void asked.push(text), interrupt: () => void asked.push("interrupt") },
    );
    return { asked, keyboard, own };
  }

  const LEFT = "\x1b[D";
  const RIGHT = "\x1b[C";
  const at = (seconds: number) => ({
    frame: seconds * RATE_HZ,
    isPlaying: true,
    peaks: [0.5],
    rms: [0.25],
    dropouts: 2,
    droppedFrames: 300,
  });

  test("play and stop, one after the other", () => {
    const { asked, keyboard } = keys();
    keyboard.type(" ");
    keyboard.type(" ", " ");
    expect(asked).toEqual(["stop", "play", "stop"]);
  });

  test("seek 5 s each, also faster than the song can tell where it is, and never beyond it", () => {
    const { asked, keyboard, own } = keys();
    keyboard.type(RIGHT, RIGHT, LEFT);
    expect(asked).toEqual(["seek 17", "seek 22", "seek 17"]);
    own.tell(at(17.5), "−6.0 dBFS");
    own.tell(at(3), "−6.0 dBFS");
    asked.length = 0;
    keyboard.type(LEFT);
    own.tell(at(58), "−6.0 dBFS");
    own.tell(at(0.1), "−6.0 dBFS");
    own.tell(at(58), "−6.0 dBFS");
    keyboard.type("\x1bOC");
    expect(asked.filter((text) => text.startsWith("seek"))).toEqual(["seek 0", `seek ${60 - 1 / RATE_HZ}`]);
  });

  test("quit, interrupt, and leave other keys alone", async () => {
    const { asked, keyboard, own } = keys();
    keyboard.type("x", "\x1b[A", "\x1b[1;5C", "\x03");
    expect(asked).toEqual(["interrupt"]);
    keyboard.type("q");
    await own.quit;
  });

  test("stand beside the place, the level and the dropouts, and are given back at the end", () => {
    const { asked, keyboard, own } = keys();
    expect(keyboard.isRaw).toBe(true);
    own.tell(at(17.5), "−6.0 dBFS");
    expect(asked.at(-1)).toContain("▶ 0:17 / 1:00     −6.0 dBFS   2 dropouts   space: play/stop");
    own.release();
    expect(keyboard.isRaw).toBe(false);
    asked.length = 0;
    keyboard.type("q", " ");
    expect(asked).toEqual([]);
  });
});
