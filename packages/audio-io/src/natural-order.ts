// The order a person expects in a folder: "2 bass.wav" before "10 vocals.wav".

const collator = new Intl.Collator("en", { numeric: true });

/** A comparison for `sort`: runs of digits compare as numbers. Names that collate as equal fall back to code units. */
export function naturalOrder(first: string, second: string): number {
  return collator.compare(first, second) || (first < second ? -1 : first > second ? 1 : 0);
}
