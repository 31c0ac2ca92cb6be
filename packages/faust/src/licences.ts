/** The licences of the library functions that a program uses: they become part of the plugin. */
import { type FaustDescription, libraryDeclarationsOf } from "./faust-json.ts";

export interface LibraryLicence {
  /** "filters.lib/lowpass". */
  readonly where: string;
  readonly license: string;
  readonly author?: string;
  readonly copyright?: string;
}

/** In the order of the program. */
export function licencesOf(description: FaustDescription): readonly LibraryLicence[] {
  return [...libraryDeclarationsOf(description)].flatMap(([where, declared]) => {
    const license = declared.get("license") ?? declared.get("licence");
    if (license === undefined) return [];
    const text = (key: "author" | "copyright") =>
      declared.has(key) ? { [key]: declared.get(key)!.replace(/\s+/g, " ") } : {};
    return [{ where, license, ...text("author"), ...text("copyright") }];
  });
}

/** A text to go with the plugin; undefined if there is nothing to say. */
export function noticeOf(licences: readonly LibraryLicence[]): string | undefined {
  if (licences.length === 0) return undefined;
  const lines = licences.map(({ where, license, author, copyright }) => {
    const who = copyright ?? author;
    return `- ${where}: ${license}${who ? ` (${who})` : ""}`;
  });
  return `This plugin holds code of Faust's libraries (https://faustlibraries.grame.fr), under these licences:\n\n${lines.join("\n")}\n`;
}
