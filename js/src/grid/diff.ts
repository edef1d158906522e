// Two texts come in, what they share and where they differ goes out, word by word: the pieces that are the same or gone
// join to the first text, those that are the same or new to the second. Pure.

export interface Piece {
  kind: "same" | "gone" | "new";
  text: string;
}

/** So many words removed and added are looked for; beyond that lines are compared, then nothing is. */
const MAX_EDITS = 1500;

// A word with the white space behind it, a mark of punctuation, or white space alone.
const WORD = /[\p{L}\p{N}_]+(?:['’-][\p{L}\p{N}_]+)*\s*|[^\p{L}\p{N}_\s]\s*|\s+/gu;
const LINE = /[^\n]*\n|[^\n]+/g;

/** What `to` has otherwise than `from`. */
export function diff(from: string, to: string): Piece[] {
  const words = compare(from.match(WORD) ?? [], to.match(WORD) ?? []);
  return tidy(words ?? compare(from.match(LINE) ?? [], to.match(LINE) ?? []) ?? replaced(from, to));
}

const replaced = (from: string, to: string): Piece[] => [
  { kind: "gone", text: from },
  { kind: "new", text: to },
];

/** A word, mark or line; `key`: without the white space behind it, which makes no other word of it. */
interface Unit {
  text: string;
  key: string;
}

/** Null where the two differ too much to find out in good time. */
function compare(fromTexts: readonly string[], toTexts: readonly string[]): Piece[] | null {
  const [from, to] = [fromTexts, toTexts].map((texts) => texts.map((text): Unit => ({ text, key: text.trimEnd() }))) as [Unit[], Unit[]];
  const isSame = (a: number, b: number): boolean => from[a]?.key === to[b]?.key;
  let start = 0;
  while (start < from.length && start < to.length && isSame(start, start)) start++;
  let end = 0;
  while (end < Math.min(from.length, to.length) - start && isSame(from.length - 1 - end, to.length - 1 - end)) end++;
  const middle = shortestEdit(from.slice(start, from.length - end), to.slice(start, to.length - end));
  if (!middle) return null;
  const same = (count: number, a: number, b: number): Piece[] =>
    Array.from({ length: count }, (_, at) => sharedBy(from[a + at], to[b + at])).flat();
  return [...same(start, 0, 0), ...middle, ...same(end, from.length - end, to.length - end)];
}

/** Two units with one key: what they share, and the white space that they do not. */
function sharedBy(from: Unit | undefined, to: Unit | undefined): Piece[] {
  const [a, b] = [from?.text ?? "", to?.text ?? ""];
  if (a === b) return [{ kind: "same", text: a }];
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return [
    { kind: "same", text: a.slice(0, shared) },
    { kind: "gone", text: a.slice(shared) },
    { kind: "new", text: b.slice(shared) },
  ];
}

/** Myers, "An O(ND) Difference Algorithm" (1986): how far each diagonal is reached with 0, 1, 2, ... edits. */
function shortestEdit(from: readonly Unit[], to: readonly Unit[]): Piece[] | null {
  const [n, m] = [from.length, to.length];
  const most = Math.min(n + m, MAX_EDITS);
  const offset = most + 1;
  const reach = new Int32Array(2 * most + 3);
  const steps: Int32Array[] = []; // for each count of edits, the diagonals as they were before
  for (let edits = 0; edits <= most; edits++) {
    steps.push(reach.slice(offset - edits - 1, offset + edits + 2));
    for (let k = -edits; k <= edits; k += 2) {
      const isDown = k === -edits || (k !== edits && (reach[offset + k - 1] ?? 0) < (reach[offset + k + 1] ?? 0));
      let x = isDown ? (reach[offset + k + 1] ?? 0) : (reach[offset + k - 1] ?? 0) + 1;
      while (x < n && x - k < m && from[x]?.key === to[x - k]?.key) x++;
      reach[offset + k] = x;
      if (x >= n && x - k >= m) return walkBack(from, to, steps);
    }
  }
  return null;
}

function walkBack(from: readonly Unit[], to: readonly Unit[], steps: readonly Int32Array[]): Piece[] {
  const pieces: Piece[] = [];
  let [x, y] = [from.length, to.length];
  for (let edits = steps.length - 1; edits >= 0; edits--) {
    const reach = steps[edits] ?? new Int32Array();
    const at = (k: number): number => reach[k + edits + 1] ?? 0;
    const k = x - y;
    const isDown = k === -edits || (k !== edits && at(k - 1) < at(k + 1));
    const [fromX, fromK] = edits === 0 ? [0, 0] : isDown ? [at(k + 1), k + 1] : [at(k - 1), k - 1];
    const startX = edits === 0 ? 0 : isDown ? fromX : fromX + 1;
    for (; x > startX; x--, y--) pieces.push(...sharedBy(from[x - 1], to[y - 1]).reverse());
    if (edits === 0) break;
    if (isDown) pieces.push({ kind: "new", text: to[y - 1]?.text ?? "" });
    else pieces.push({ kind: "gone", text: from[x - 1]?.text ?? "" });
    [x, y] = [fromX, fromX - fromK];
  }
  return pieces.reverse();
}

/** A place where the two differ, and what they share behind it. */
interface Hunk {
  gone: string;
  added: string;
  same: string;
}

/** In each place first what is gone, then what is new, each as one piece. */
function tidy(pieces: readonly Piece[]): Piece[] {
  return joinClose(hunksOf(pieces)).flatMap(({ gone, added, same }): Piece[] => [
    ...(gone ? [{ kind: "gone", text: gone } as const] : []),
    ...(added ? [{ kind: "new", text: added } as const] : []),
    ...(same ? [{ kind: "same", text: same } as const] : []),
  ]);
}

function hunksOf(pieces: readonly Piece[]): Hunk[] {
  const hunks: Hunk[] = [{ gone: "", added: "", same: "" }];
  for (const { kind, text } of pieces) {
    let hunk = hunks.at(-1) as Hunk;
    if (kind !== "same" && hunk.same) hunks.push((hunk = { gone: "", added: "", same: "" }));
    if (kind === "gone") hunk.gone += text;
    else if (kind === "new") hunk.added += text;
    else hunk.same += text;
  }
  return hunks;
}

/** Shared words that are less than half of what differs on either side are shared by chance: nobody could read the rest. */
function joinClose(hunks: readonly Hunk[]): Hunk[] {
  const joined: Hunk[] = [];
  const size = ({ gone, added }: Hunk): number => Math.max(gone.length, added.length);
  for (let hunk of hunks) {
    for (let last = joined.at(-1); last && 2 * last.same.length <= Math.min(size(last), size(hunk)); last = joined.at(-1)) {
      hunk = { gone: last.gone + last.same + hunk.gone, added: last.added + last.same + hunk.added, same: hunk.same };
      joined.pop();
    }
    joined.push(hunk);
  }
  return joined;
}
