// The lines of one block of code come in as they are finished, coloured text goes out in place of the plain one: each
// line once. What the highlighter gives is checked, and a block for which it is wrong stays plain from there on.
import { TOKEN_KINDS } from "./contract";
import type { Highlighter, LineHighlighter, Piece, TokenKind } from "./contract";
import { isSelected } from "./selection";
import type { Job } from "./slices";

/** Characters; a longer line stays plain: modes match it again from each of its tokens. */
export const MAX_LINE = 5000;

/** Lines of code that stand in a box of their own. */
export const LINES_IN_BOX = 64;

/** The text of a block that has no colours yet: its last text nodes. */
export interface PlainText {
  readonly nodes: readonly Text[];
  /** Puts `content` in place of the first `length` characters, which must be in one box. */
  replace(length: number, content: DocumentFragment): void;
}

export interface Colouring {
  /** Takes the text that was just added to the plain text; `isLineEnd`: its last line is finished. */
  append(text: string, isLineEnd: boolean): void;
  /** The highlighter is there. */
  begin(highlighter: Highlighter, language: string): void;
  work: Job;
}

const KINDS: ReadonlySet<string> = new Set(TOKEN_KINDS);

/** `onFinishedLine` is called when there is something to do. */
export function colourCode(plain: PlainText, onFinishedLine: () => void): Colouring {
  let waiting = ""; // the text in the plain nodes; each line but the first with the line end before it
  let finished = 0; // characters of it in finished lines
  let lines = 0; // that have their colours
  let next: LineHighlighter | undefined;
  let isPlain = false; // for good

  /** Characters of the next line, its leading line end included. */
  function nextLine(from: number): string {
    const end = waiting.indexOf("\n", from + (lines === 0 ? 0 : 1));
    return waiting.slice(from, end < 0 || end > finished ? finished : end);
  }

  function stayPlain(): void {
    isPlain = true;
    next = undefined;
    waiting = "";
    finished = 0;
  }

  const work: Job = (isTimeUp) => {
    if (!next || finished === 0) return "done";
    if (plain.nodes.some((node) => isSelected(node))) return "later";
    const painter = createPainter();
    let done = 0;
    const putIn = (): void => {
      const [content, length] = painter.take();
      if (length > 0) plain.replace(length, content);
    };
    let pieces: readonly Piece[] | undefined = [];
    while (done < finished && !isTimeUp()) {
      const line = nextLine(done);
      pieces = piecesOf(next, lines === 0 ? line : line.slice(1));
      if (!pieces) break;
      if (lines > 0) painter.startLine();
      if (lines > 0 && lines % LINES_IN_BOX === 0) putIn();
      for (const piece of pieces) painter.add(piece.text, piece.kind);
      done += line.length;
      lines++;
    }
    putIn();
    waiting = waiting.slice(done);
    finished -= done;
    if (!pieces) stayPlain();
    return finished > 0 ? "more" : "done";
  };

  return {
    append(text, isLineEnd) {
      if (isPlain) return;
      const lineEnd = text.lastIndexOf("\n");
      if (lineEnd >= 0) finished = waiting.length + lineEnd;
      waiting += text;
      if (isLineEnd) finished = waiting.length;
      if (isLineEnd || lineEnd >= 0) onFinishedLine();
    },
    begin(highlighter, language) {
      try {
        next = highlighter.open(language);
      } catch {
        // as one that does not know the language
      }
      if (typeof next !== "function") stayPlain();
    },
    work,
  };
}

/** The pieces of `line`, if they are what they must be. */
function piecesOf(next: LineHighlighter, line: string): readonly Piece[] | undefined {
  if (line.length > MAX_LINE) return [{ text: line }];
  try {
    // A list and objects of our own: others may lie of what is in them, or be something else when they are read again.
    const pieces = Array.from(next(line), ({ text, kind }) => ({ text, kind }));
    const isTrue = pieces.every(({ text, kind }) => typeof text === "string" && (kind === undefined || KINDS.has(kind)));
    return isTrue && pieces.map(({ text }) => text).join("") === line ? pieces : undefined;
  } catch {
    return undefined;
  }
}

/** Collects the pieces of a line into as few nodes as there can be; the same ones whatever lines come with it. */
function createPainter() {
  let fragment = document.createDocumentFragment();
  let length = 0;
  let text = "";
  let last: TokenKind | undefined;

  function flush(): void {
    if (!text) return;
    length += text.length;
    if (last === undefined) fragment.append(document.createTextNode(text));
    else {
      const span = document.createElement("span");
      span.className = `ns-${last}`;
      span.textContent = text;
      fragment.append(span);
    }
    text = "";
  }

  return {
    startLine(): void {
      flush();
      text = "\n";
      last = undefined;
    },
    add(more: string, kind?: TokenKind): void {
      // White space has no colour, so it goes with what is before it.
      const goesOn = kind === last || (kind === undefined && /^\s*$/u.test(more) && text !== "");
      if (!goesOn) flush();
      if (!goesOn || text === "") last = kind;
      text += more;
    },
    /** What was added since the last time, and its length in characters. */
    take(): [DocumentFragment, number] {
      flush();
      const taken: [DocumentFragment, number] = [fragment, length];
      fragment = document.createDocumentFragment();
      length = 0;
      last = undefined;
      return taken;
    },
  };
}
