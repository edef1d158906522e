// Markdown text comes in, markdown-it's tokens go out: block tokens first, inline tokens on demand, since inline
// parsing needs link definitions that may come much later. Knows nothing of the DOM nor of what is finished.
import MarkdownIt from "markdown-it";
import type { Token } from "markdown-it";

import { autolinks } from "./rules/autolink";
import type { OpenEnd } from "./rules/autolink";
import { unclosedBrackets } from "./rules/bracket";
import { formulas } from "./rules/formula";
import { strikethrough } from "./rules/strikethrough";
import { sentinels } from "./sentinel";

/** Where a link definition leads; the title is never shown, since it may say anything of the target. */
export interface Definition {
  href: string;
  title: string;
}

/** Block tokens of one piece of text; their inline tokens have no children yet. */
export interface Parsed {
  tokens: Token[];
  definitions: Record<string, Definition>;
}

/** Deeper nesting than this is dropped: a stack for each level is what a parse bomb aims at. */
const MAX_NESTING = 100;

/** CommonMark and GFM with formulas. Footnotes are not read: a note at the far end would change what is finished. */
export const md = new MarkdownIt("default", { html: false, linkify: false, typographer: false, maxNesting: MAX_NESTING });
// markdown-it would decode punycode and percent signs for the reader: a homoglyph would look like the real host.
md.normalizeLinkText = (url) => url;
md.use(formulas).use(unclosedBrackets).use(strikethrough).use(autolinks).use(sentinels);

/** The block structure of `source`, which must have plain `\n` line ends and no NUL (see `normalize`). */
export function parseBlocks(source: string): Parsed {
  const definitions = Object.create(null) as Record<string, Definition>;
  const tokens: Token[] = [];
  md.block.parse(source, md, { references: definitions }, tokens);
  return { tokens, definitions };
}

/**
 * The inline tokens of one block's content. `definitions` are those known so far; every label that was looked
 * up in vain goes into `missed`, so that a late definition can render just these blocks again. `open`: the content is
 * still being typed, and a bare address at its end is not a link yet.
 */
export function parseInline(
  content: string,
  definitions: ReadonlyMap<string, Definition>,
  missed: Set<string>,
  { open = false }: OpenEnd = {},
): Token[] {
  const references = new Proxy(
    {},
    {
      get(_target, label) {
        if (typeof label !== "string") return undefined;
        const found = definitions.get(label);
        // The empty label cannot be defined: every "[ ]" of a task list asks for it.
        if (!found && label) missed.add(label);
        return found;
      },
    },
  );
  const tokens: Token[] = [];
  md.inline.parse(content, md, { references, open }, tokens);
  return tokens;
}

/** The first word of a fence's info string, if it can be a language's name; else "". */
export function languageOf(info: string): string {
  const word = md.utils.unescapeAll(info).trim().split(/\s+/u)[0] ?? "";
  return /^[a-z0-9+#.-]{1,32}$/iu.test(word) ? word : "";
}

/** Line ends and NUL as CommonMark wants them (section 2.1, 2.3). */
export function normalize(text: string): string {
  return text.replace(/\r\n?/gu, "\n").replaceAll("\0", "\uFFFD");
}
