// An open fence: its lines come in and are appended to its code block, each parsed once, with nothing before it but
// what stands for the containers around it, and its opening line.
import { blocksOfType, countLines, isOpenFence, withoutQuotes } from "./blocks";
import type { CodeBlock } from "./code";
import { parseBlocks } from "./parser";

export interface OpenFence {
  /**
   * Appends complete lines (or, at the end of the text, all there is). Gives the text after the fence when it has
   * ended, else nothing.
   */
  grow(text: string): string | undefined;
  /** Shows the line being typed as far as it cannot be the closing one. */
  showPartial(line: string): void;
}

/** `block` has `content` so far; `prefix` and `opener` are parsed before the fence's lines; `quotes` are around it. */
export function openFence(
  block: CodeBlock,
  content: string,
  prefix: string,
  opener: string,
  quotes: number,
): OpenFence {
  // Without bars: before a line like "--|--" they would make the opening line a table's header.
  const before = `${prefix}${opener.replaceAll("|", "")}\n`;
  const blankLine = `${/^[ \t>]*>/u.exec(opener)?.[0] ?? ""}\n`;
  let endsBlank = isBlankAtEnd(content); // the last line taken is a blank one, which the list around the fence may have to know of
  let seen = 0; // characters of the line being typed
  let shown = 0; // of these, how many are shown: the fence's own indentation is not

  /** The fence's block in the lines of `context`, its opening line among them, and `text`. */
  const parse = (context: string, text: string) =>
    blocksOfType("fence", parseBlocks(context + text).tokens)[0];

  return {
    grow(text) {
      const context = before + (endsBlank ? blankLine : "");
      const parsed = parse(context, text);
      if (!parsed) return (endsBlank ? blankLine : "") + text;
      const content = parsed.open.content.slice(endsBlank ? 1 : 0);
      block.append(content.slice(shown));
      // At the text's end, where a line end is not shown: so that the block knows that its last line is finished.
      if (content && !content.endsWith("\n")) block.append("\n");
      seen = shown = 0;
      const isOpen = isOpenFence(parsed);
      const lines = parsed.end - countLines(context);
      if (lines > 0) endsBlank = isOpen && isBlankAtEnd(content);
      if (isOpen && lines >= countLines(text)) return undefined;
      return (endsBlank ? blankLine : "") + text.split("\n").slice(lines).join("\n");
    },
    showPartial(line) {
      if (shown > 0) {
        block.append(line.slice(seen));
        shown += line.length - seen;
      } else if (!/^[ \t]*[`~]*[ \t]*$/u.test(withoutQuotes(line, quotes))) {
        const content = parse(before, line)?.open.content ?? "";
        block.append(content);
        shown = content.length;
      }
      seen = line.length;
    },
  };
}

function isBlankAtEnd(content: string): boolean {
  return /(?:^|\n)[ \t]*\n$/u.test(content);
}
