/**
 * Markup that cannot be broken by what it shows: html`…` escapes every text that is put into it, and only what html`…`
 * made itself goes in as it is. Titles and stem names come from strangers' files.
 */

/** HTML or SVG, safe to put into a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a ${…}; an empty one leaves no trace. */
export type Part = string | number | Markup | readonly Part[] | null | undefined | false;

/** The characters that HTML gives a meaning, in text and in quoted attributes, as references. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Attribute values must be quoted in the template. Throws a RangeError for a number that is not finite. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = strings[0];
  for (const [i, part] of parts.entries()) text += render(part) + strings[i + 1];
  return new Markup(text);
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escapeText(part);
  if (typeof part === "number") {
    if (!Number.isFinite(part))
      throw new RangeError(`the report was to show ${part}; null stands for no value`);
    return String(part);
  }
  return part.map(render).join("");
}
