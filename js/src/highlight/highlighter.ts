// Lines of code come in, one after another, pieces with their kinds go out, by CodeMirror's line modes: these carry
// their state from line to line, so that each line is read once however the code grows. Knows no DOM.
import { StringStream } from "@codemirror/streamparser";
import type { StreamParser } from "@codemirror/streamparser";

import type { Highlighter, LineHighlighter, Piece } from "../markdown/contract";
import { kindOf } from "./kinds";
import { modeOf } from "./languages";

const TAB_SIZE = 4;
const INDENT_UNIT = 2;
/** A mode may change its state without taking a character, but not for ever (CodeMirror's own bound). */
const MAX_IDLE = 10;

export function createHighlighter(): Highlighter {
  return {
    open(language) {
      const mode = modeOf(language);
      return mode && openMode(mode);
    },
  };
}

/** Throws, as the mode does, where it cannot read the line. */
export function openMode(mode: StreamParser<unknown>): LineHighlighter {
  const state = mode.startState?.(INDENT_UNIT) ?? {};
  return (line) => {
    if (!line) mode.blankLine?.(state, INDENT_UNIT);
    const stream = new StringStream(line, TAB_SIZE, INDENT_UNIT);
    const pieces: Piece[] = [];
    while (!stream.eol()) {
      const kind = kindOf(nextStyle(mode, stream, state));
      const text = stream.current();
      const last = pieces.at(-1);
      if (last && last.kind === kind) last.text += text;
      else pieces.push({ text, kind });
    }
    return pieces;
  };
}

function nextStyle(mode: StreamParser<unknown>, stream: StringStream, state: unknown): string | null {
  stream.start = stream.pos;
  for (let idle = 0; idle < MAX_IDLE; idle++) {
    const style = mode.token(stream, state);
    if (stream.pos > stream.start) return style;
  }
  throw new Error("the mode does not advance");
}
