/** The short names of the effects that come with Gainstage. */
const FIRST_PARTY = "dev.gainstage.";

/** "equalizer" for "dev.gainstage.equalizer"; other ids as they are. */
export function shortName(id: string): string {
  return id.startsWith(FIRST_PARTY) ? id.slice(FIRST_PARTY.length) : id;
}

/** The ids that a name may stand for: itself, and that of a first-party plugin. */
export function idsOf(name: string): readonly string[] {
  return [name, FIRST_PARTY + name];
}
