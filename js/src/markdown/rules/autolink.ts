// Markdown with bare addresses comes in at the rules' place in markdown-it, link tokens go out: GFM 0.29, section 6.9
// (extended www, URL and e-mail autolinks), as cmark-gfm reads it. Knows nothing of which targets are safe.
//
// Departures, both on the side of a link that leads where it was meant to: an address ends at full-width and CJK
// punctuation, which no space follows in Chinese and Japanese, and at a "]" that closes nothing in it.
import type { MarkdownIt, StateInline, Token } from "markdown-it";

/** What `env` may say: the text goes on, so that an address at its very end may not be whole yet. */
export interface OpenEnd {
  open?: boolean;
}

export function autolinks(md: MarkdownIt): void {
  md.inline.ruler.before("text", "bare_url", bareUrl);
  md.inline.ruler.at("text", text);
  md.inline.ruler2.push("bare_email", bareEmails);
}

/** The characters that markdown-it's other rules begin with. */
const PLAIN = /[^\n!#$%&*+\-:<=>@[\\\]^_`{}~]+/y;

/** markdown-it's own rule for plain text, but that it stops where a bare address may begin. */
function text(state: StateInline, silent: boolean): boolean {
  PLAIN.lastIndex = state.pos;
  const run = PLAIN.exec(state.posMax < state.src.length ? state.src.slice(0, state.posMax) : state.src)?.[0];
  if (!run) return false;
  const end = addressIn(state.src, state.pos, state.pos + run.length);
  if (!silent) state.pending += state.src.slice(state.pos, end);
  state.pos = end;
  return true;
}

/** Where the first bare address after `from` may begin, or `to`. */
function addressIn(src: string, from: number, to: number): number {
  // Searched in these characters alone: from each run of plain text to the end of all, it would be quadratic.
  const run = src.slice(from, to);
  for (let at = run.indexOf("www.", 1); at >= 0; at = run.indexOf("www.", at + 1)) {
    if (mayBegin(src, from + at)) return from + at;
  }
  if (!src.startsWith("://", to)) return to;
  const scheme = /https?$/iu.exec(src.slice(Math.max(from, to - 5), to));
  const at = to - (scheme?.[0].length ?? 0);
  return at > from && mayBegin(src, at) ? at : to;
}

/** www. begins a line or follows white space or one of *_~( ; a scheme follows anything but a letter or digit. */
function mayBegin(src: string, at: number): boolean {
  const before = src[at - 1] ?? " ";
  return src.startsWith("www.", at) ? /[\s*_~(]/u.test(before) : !/[A-Za-z0-9]/u.test(before);
}

const SCHEME = /https?:\/\//iy;
// One more than a domain can have, so that a longer one is seen and text full of "_www." is not searched to its end
// from each of them.
const DOMAIN = /[-_.\p{L}\p{M}\p{N}\p{So}]{1,254}/uy;
const REST = /[^\s<[\]\u3000-\u303F\uFF00-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65]*/uy;

function bareUrl(state: StateInline, silent: boolean): boolean {
  const start = state.src[state.pos];
  // Asked silently, within brackets: what they enclose is found first, and an address may not swallow the "]".
  if (silent || state.linkLevel > 0 || (start !== "h" && start !== "H" && start !== "w")) return false;
  const found = addressAt(state.src.slice(0, state.posMax), state.pos);
  if (!found) return false;
  const address = withoutTrailing(found);
  if (isOpen(state.env) && state.pos + found.length === state.src.length) {
    // As text, at once: the rules after this one would take a "_" in it for emphasis.
    state.pending += address;
  } else {
    const href = state.md.normalizeLink(address.startsWith("www.") ? `http://${address}` : address);
    if (!state.md.validateLink(href)) return false;
    const open = state.push("link_open", "a", 1);
    open.attrs = [["href", href]];
    open.info = "auto";
    state.push("text", "", 0).content = state.md.normalizeLinkText(address);
    state.push("link_close", "a", -1).info = "auto";
  }
  state.pos += address.length;
  return true;
}

/** The address that begins at `at`, with what may be punctuation after it; undefined if it has no valid domain. */
function addressAt(src: string, at: number): string | undefined {
  if (!mayBegin(src, at)) return undefined;
  const scheme = src.startsWith("www.", at) ? "" : matchAt(SCHEME, src, at);
  if (scheme === undefined) return undefined;
  const domain = matchAt(DOMAIN, src, at + scheme.length);
  if (!domain || !isValidDomain(domain, scheme !== "")) return undefined;
  return src.slice(at, endOfAddress(src, at + scheme.length + domain.length));
}

/** Where the address ends of which all up to `at` is known. */
function endOfAddress(src: string, at: number): number {
  for (let depth = 0; ; at++) {
    at += matchAt(REST, src, at)?.length ?? 0;
    if (src[at] === "[") depth++;
    else if (src[at] !== "]" || --depth < 0) return at;
  }
}

/** At least one period, unless there is a scheme ("http://localhost"), and no "_" in the last two segments. */
function isValidDomain(domain: string, short: boolean): boolean {
  const segments = domain.replace(/\.+$/u, "").split(".");
  if (domain.length > 253 || segments.length < (short ? 1 : 2) || segments[0] === "") return false;
  return !segments.slice(-2).some((segment) => segment.includes("_"));
}

/** Extended autolink path validation: without punctuation, unmatched parentheses and entities at the end. */
function withoutTrailing(address: string): string {
  let end = address.length;
  let surplus = count(address, ")") - count(address, "(");
  for (; end > 0; end--) {
    const last = address[end - 1] ?? "";
    if (last === ";") end = entityStart(address, end) + 1;
    else if (last === ")" && surplus > 0) surplus--;
    else if (!/[?!.,:*_~'"]/u.test(last)) break;
  }
  return address.slice(0, end);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

/** Where the "&name;" begins that ends at `end`; if there is none, the place of its ";" */
function entityStart(text: string, end: number): number {
  let at = end - 2;
  while (/^[A-Za-z0-9]$/u.test(text[at] ?? "")) at--;
  return text[at] === "&" && at < end - 2 ? at : end - 1;
}

const EMAIL_DOMAIN = /[A-Za-z0-9_-]+(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)+/y;

/** Extended e-mail autolinks, in the text that is left when all else has been found. */
function bareEmails(state: StateInline): void {
  if (!state.src.includes("@")) return;
  let links = 0;
  const last = state.tokens.findLastIndex((token) => token.nesting === 0 && token.content !== "");
  const found = state.tokens.flatMap((token, index) => {
    if (token.type === "link_open") links++;
    if (token.type === "link_close") links--;
    const isText = token.type === "text" && links === 0 && token.content.includes("@");
    return isText ? withEmails(state, token, index === last && isOpen(state.env)) : [token];
  });
  state.tokens.splice(0, state.tokens.length);
  for (const token of found) state.tokens.push(token);
}

function withEmails(state: StateInline, token: Token, open: boolean): Token[] {
  const { content } = token;
  const tokens: Token[] = [];
  let done = 0;
  const add = (type: string, nesting: -1 | 0 | 1, level: number): Token => {
    const added = new state.Token(type, type === "text" ? "" : "a", nesting);
    added.level = token.level + level;
    tokens.push(added);
    return added;
  };
  for (let at = content.indexOf("@"); at >= 0; at = content.indexOf("@", at + 1)) {
    const address = emailAround(content, at, done);
    const end = address ? address.start + address.text.length : 0;
    if (!address || (open && end >= content.length - 1)) continue;
    if (address.start > done) add("text", 0, 0).content = content.slice(done, address.start);
    const opening = add("link_open", 1, 0);
    opening.attrs = [["href", state.md.normalizeLink(`mailto:${address.text}`)]];
    opening.info = "auto";
    add("text", 0, 1).content = address.text;
    add("link_close", -1, 0).info = "auto";
    done = end;
  }
  if (done === 0) return [token];
  if (done < content.length) add("text", 0, 0).content = content.slice(done);
  return tokens;
}

/** The e-mail address around the "@" at `at`, which begins at `from` or later. Its last character is a letter. */
function emailAround(text: string, at: number, from: number): { start: number; text: string } | undefined {
  let start = at;
  while (start > from && /^[A-Za-z0-9.+_-]$/u.test(text[start - 1] ?? "")) start--;
  const domain = matchAt(EMAIL_DOMAIN, text, at + 1) ?? "";
  const end = at + 1 + domain.length;
  if (start === at || !/[A-Za-z]$/u.test(domain) || text[end] === "@" || text[start - 1] === "@") return undefined;
  return { start, text: text.slice(start, end) };
}

function isOpen(env: unknown): boolean {
  return (env as OpenEnd).open === true;
}

/** What the sticky `pattern` matches at `at`. */
function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
