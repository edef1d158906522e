// The tokens of what is shown come in: their last words are repaired, and whether more words only make them longer goes
// out. Knows no DOM.
import type { Token } from "markdown-it";

import { repairInline } from "./repair";
import type { OpenEnd } from "./rules/autolink";

/** Repairs the inline content that ends the text, unless the text ends with something else; gives whether it had to. */
export function repairLast(tokens: readonly Token[], lineEnded: boolean): boolean {
  const last = lastContent(tokens);
  if (last?.type !== "inline") return false;
  const repaired = repairInline(last.content, lineEnded);
  const isRepaired = repaired !== last.content;
  last.content = repaired;
  last.meta = { open: !lineEnded } satisfies OpenEnd;
  return isRepaired;
}

/** Whether `text` ends in a paragraph's last line; a heading hides marks at its end, and a row has empty cells there. */
export function endsInProse(tokens: readonly Token[], text: string): boolean {
  const last = lastContent(tokens);
  return last !== undefined && tokens[tokens.indexOf(last) - 1]?.type === "paragraph_open" && !/\n[ \t]*$/u.test(text);
}

function lastContent(tokens: readonly Token[]): Token | undefined {
  return tokens.findLast((token) => token.nesting === 0 && (token.type !== "inline" || token.content));
}
