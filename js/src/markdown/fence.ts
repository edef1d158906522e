// An open top-level fence: its lines come in and are appended to its code block, each parsed once, with nothing
// before it but the fence's opening line.
import { blocksAt, isOpenFence } from "./blocks";
import type { CodeBlock } from "./code";
import { parseBlocks } from "./parser";

export interface OpenFence {
  /**
   * Appends complete lines (or, at the end of the text, all there is). Gives how many characters of `text` belong
   * to the fence, and whether it is closed.
   */
  grow(text: string): { used: number; closed: boolean };
  /** Shows the line being typed as far as it cannot be the closing one. */
  showPartial(line: string): void;
}

export function openFence(block: CodeBlock, opener: string): OpenFence {
  let seen = 0; // characters of the line being typed
  let shown = 0; // of these, how many are shown: the fence's own indentation is not

  const contentOf = (text: string) => blocksAt(0, parseBlocks(`${opener}\n${text}`).tokens)[0];

  return {
    grow(text) {
      const parsed = contentOf(text);
      if (!parsed) return { used: 0, closed: true };
      const { content } = parsed.open;
      block.append(content.slice(shown));
      // At the text's end, where a line end is not shown: so that the block knows that its last line is finished.
      if (content && !content.endsWith("\n")) block.append("\n");
      seen = shown = 0;
      if (isOpenFence(parsed)) return { used: text.length, closed: false };
      const lines = text.split("\n").slice(0, parsed.end - 1);
      return { used: Math.min(text.length, lines.join("\n").length + 1), closed: true };
    },
    showPartial(line) {
      if (shown > 0) {
        block.append(line.slice(seen));
        shown += line.length - seen;
      } else if (!/^[ \t]*[`~]*[ \t]*$/u.test(line)) {
        const content = contentOf(line)?.open.content ?? "";
        block.append(content);
        shown = content.length;
      }
      seen = line.length;
    },
  };
}
