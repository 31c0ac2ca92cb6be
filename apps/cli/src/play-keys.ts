/** The song under a terminal's keys, and the line that says where it is. */
import type { Playing, PlayPosition } from "@gainstage/host";

const SEEK_SECONDS = 5;
/** What a terminal in raw mode sends. */
const ESCAPE = "\x1b";
const KEYS: Readonly<Record<string, "toggle" | "back" | "on" | "quit" | "interrupt">> = {
  " ": "toggle",
  [`${ESCAPE}[D`]: "back",
  [`${ESCAPE}OD`]: "back",
  [`${ESCAPE}[C`]: "on",
  [`${ESCAPE}OC`]: "on",
  q: "quit",
  Q: "quit",
  "\x03": "interrupt",
};
/** One key or one escape sequence each. */
const KEY = new RegExp(`${ESCAPE}[[O][0-9;]*[A-Za-z~]|[^]`, "g");

/** The keyboard, and where the line goes. */
export interface Terminal {
  readonly keyboard: {
    setRawMode(on: boolean): unknown;
    on(event: "data", listener: (data: Buffer) => void): unknown;
    off(event: "data", listener: (data: Buffer) => void): unknown;
    resume(): unknown;
    pause(): unknown;
  };
  write(text: string): void;
  /** What Ctrl+C does: a terminal in raw mode sends it as a key. */
  interrupt(): void;
}

export interface SongPlace {
  readonly sampleRateHz: number;
  readonly frames: number;
  readonly fromFrame: number;
}

export class PlayKeys {
  /** Resolves when q is pressed. */
  readonly quit: Promise<void>;
  readonly #playing: Pick<Playing, "play" | "stop" | "seek">;
  readonly #song: SongPlace;
  readonly #terminal: Terminal;
  readonly #listen = (data: Buffer) => this.#typed(data.toString("latin1"));
  #quit: () => void = () => {};
  #isPlaying = true;
  #frame: number;
  /** Where the last seek goes, until the song is told to be there: keys may come faster. */
  #sought: number | undefined;

  /** Undefined where keys and the line are not those of one terminal. */
  static ofTerminal(playing: Playing, song: SongPlace): PlayKeys | undefined {
    const { stdin, stderr } = process;
    if (!stdin.isTTY || !stderr.isTTY || process.env.TERM === "dumb") return undefined;
    return new PlayKeys(playing, song, {
      keyboard: stdin,
      write: (text) => void stderr.write(text),
      interrupt: () => process.kill(process.pid, "SIGINT"),
    });
  }

  constructor(playing: Pick<Playing, "play" | "stop" | "seek">, song: SongPlace, terminal: Terminal) {
    this.#playing = playing;
    this.#song = song;
    this.#terminal = terminal;
    this.#frame = song.fromFrame;
    this.quit = new Promise((resolve) => {
      this.#quit = resolve;
    });
    terminal.keyboard.setRawMode(true);
    terminal.keyboard.on("data", this.#listen);
    terminal.keyboard.resume();
  }

  /** Draws the line. */
  tell({ frame, isPlaying, dropouts }: PlayPosition, level: string): void {
    const { sampleRateHz, frames } = this.#song;
    this.#frame = frame;
    if (this.#sought !== undefined && Math.abs(frame - this.#sought) < sampleRateHz) this.#sought = undefined;
    const parts = [
      `${isPlaying ? "▶" : "■"} ${clock(frame / sampleRateHz)} / ${clock(frames / sampleRateHz)}`,
      level.padStart(11),
      dropoutsText(dropouts),
      "space: play/stop  ←/→: 5 s  q: quit",
    ];
    this.#terminal.write(`\r${ESCAPE}[2K${parts.join("   ")}`);
  }

  /** The keyboard is the shell's again. */
  release(): void {
    const { keyboard, write } = this.#terminal;
    keyboard.off("data", this.#listen);
    keyboard.setRawMode(false);
    keyboard.pause();
    write(`\r${ESCAPE}[2K`);
  }

  #typed(text: string): void {
    for (const [key] of text.matchAll(KEY)) {
      switch (KEYS[key]) {
        case "toggle":
          this.#isPlaying = !this.#isPlaying;
          if (this.#isPlaying) this.#playing.play();
          else this.#playing.stop();
          break;
        case "back":
          this.#seekBy(-SEEK_SECONDS);
          break;
        case "on":
          this.#seekBy(SEEK_SECONDS);
          break;
        case "quit":
          this.#quit();
          break;
        case "interrupt":
          this.#terminal.interrupt();
          break;
      }
    }
  }

  #seekBy(seconds: number): void {
    const { sampleRateHz, frames } = this.#song;
    const to = (this.#sought ?? this.#frame) + Math.round(seconds * sampleRateHz);
    this.#sought = Math.max(0, Math.min(frames - 1, to));
    this.#playing.seek(this.#sought);
  }
}

/** "1:05". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** "no dropouts" would read as if they were not counted. */
export function dropoutsText(count: number): string {
  return `${count} ${count === 1 ? "dropout" : "dropouts"}`;
}
