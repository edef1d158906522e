// Text comes in, text that hides nothing goes out: characters that a reader cannot see, or that reorder what he
// sees, become marks of visible characters. What is shown is what is copied. Knows no Markdown and no DOM.

// C0 except \t \n, DEL, C1, bidi embeddings and overrides, tags, non-characters: nowhere of use in prose. Tags after
// a black flag or another tag of its sequence are an emoji (regional flags).
const PROSE =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\uFFFE\uFFFF]|(?<!\u{1F3F4}[\u{E0020}-\u{E007F}]{0,6})[\u{E0000}-\u{E007F}]/gu;

// In code also: every format character, all spaces but U+0020 and the line and paragraph separators, fillers, and
// variation selectors. Joiners and selectors are kept after an emoji, which they belong to.
const CODE =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u115F\u1160\u3164\uFFA0\u2800\u2028\u2029\uFFFE\uFFFF]|[^\P{Zs} ]|[\u{E0000}-\u{E0FFF}]|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])[\u200D\uFE0E\uFE0F]|[\u034F\u180B-\u180F\uFE00-\uFE0D]|(?!\u200D)\p{Cf}/gu;

const CONTROL_PICTURES = 0x2400;

function mark(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(CONTROL_PICTURES + code);
  if (code === 0x7f) return "\u2421";
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** Prose with marks for controls, overrides and tag characters. */
export function visibleProse(text: string): string {
  return text.replace(PROSE, mark);
}

/**
 * Code with marks for everything invisible. `before` is the character that stood before `text`, for code that
 * comes in pieces.
 */
export function visibleCode(text: string, before = ""): string {
  return (before + text).replace(CODE, (character: string, at: number) =>
    at < before.length ? "" : mark(character),
  ).slice(lengthAfter(before));
}

/** How much of `before` is left in the replaced text: nothing, if it is itself a character that gets a mark. */
function lengthAfter(before: string): number {
  return before.replace(CODE, "").length;
}
