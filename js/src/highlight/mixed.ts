// Languages that hold others: HTML with its scripts and styles, a shell's session with its prompts. Modes come in,
// modes go out.
import type { StreamParser, StringStream } from "@codemirror/streamparser";

type Mode = StreamParser<unknown>;

const stateOf = (mode: Mode): unknown => mode.startState?.(2) ?? {};

interface Embedded {
  outer: unknown;
  inner?: { mode: Mode; state: unknown; end: RegExp };
  /** The tag that was opened last, until its `>`. */
  tag?: string | undefined;
}

/** `outer` (HTML's), in which the content of the tags in `inner` is in their modes. */
export function embed(outer: Mode, inner: Readonly<Record<string, Mode>>): Mode {
  return {
    name: "html",
    startState: (): Embedded => ({ outer: stateOf(outer) }),
    token(stream, given) {
      const state = given as Embedded;
      if (state.inner && stream.match(state.inner.end, false)) delete state.inner;
      if (state.inner) return tokenUpTo(stream, state.inner);
      const style = outer.token(stream, state.outer);
      const text = stream.current();
      if (style?.includes("tag") && Object.hasOwn(inner, text.toLowerCase())) state.tag = text.toLowerCase();
      if (!state.tag || !text.endsWith(">")) return style;
      const mode = inner[state.tag];
      const isClosing = new RegExp(`</${state.tag}\\s*>$`, "iu").test(stream.string.slice(0, stream.pos));
      if (mode && !isClosing) state.inner = { mode, state: stateOf(mode), end: new RegExp(`</${state.tag}`, "iu") };
      state.tag = undefined;
      return style;
    },
    blankLine(given, indentUnit) {
      const { inner: now } = given as Embedded;
      now?.mode.blankLine?.(now.state, indentUnit);
    },
  };
}

/** A token that does not reach over the end of the inner language on this line. */
function tokenUpTo(stream: StringStream, { mode, state, end }: NonNullable<Embedded["inner"]>): string | null {
  const style = mode.token(stream, state);
  const from = stream.start;
  const at = stream.string.slice(from, stream.pos).search(end);
  if (at > 0) stream.pos = from + at;
  return style;
}

interface Session {
  state: unknown;
  isCommand: boolean;
}

/** Lines that begin with `prompt` are commands in `mode`; the others are what these printed. */
export function session(mode: Mode, prompt: RegExp): Mode {
  return {
    name: "session",
    startState: (): Session => ({ state: stateOf(mode), isCommand: false }),
    token(stream, given) {
      const state = given as Session;
      if (stream.sol()) {
        state.isCommand = Boolean(stream.match(prompt));
        if (state.isCommand) return "meta";
      }
      if (state.isCommand) return mode.token(stream, state.state);
      stream.skipToEnd();
      return null;
    },
  };
}
