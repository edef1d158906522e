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

/** Null where the two differ too much to find out in good time. */
function compare(from: readonly string[], to: readonly string[]): Piece[] | null {
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start++;
  let end = 0;
  while (end < Math.min(from.length, to.length) - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end++;
  const middle = shortestEdit(from.slice(start, from.length - end), to.slice(start, to.length - end));
  if (!middle) return null;
  const same = (units: readonly string[]): Piece[] => units.map((text) => ({ kind: "same", text }));
  return [...same(from.slice(0, start)), ...middle, ...same(from.slice(from.length - end))];
}

/** Myers, "An O(ND) Difference Algorithm" (1986): how far each diagonal is reached with 0, 1, 2, ... edits. */
function shortestEdit(from: readonly string[], to: readonly string[]): Piece[] | null {
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
      while (x < n && x - k < m && from[x] === to[x - k]) x++;
      reach[offset + k] = x;
      if (x >= n && x - k >= m) return walkBack(from, to, steps);
    }
  }
  return null;
}

function walkBack(from: readonly string[], to: readonly string[], steps: readonly Int32Array[]): Piece[] {
  const pieces: Piece[] = [];
  let [x, y] = [from.length, to.length];
  for (let edits = steps.length - 1; edits >= 0; edits--) {
    const reach = steps[edits] ?? new Int32Array();
    const at = (k: number): number => reach[k + edits + 1] ?? 0;
    const k = x - y;
    const isDown = k === -edits || (k !== edits && at(k - 1) < at(k + 1));
    const [fromX, fromK] = edits === 0 ? [0, 0] : isDown ? [at(k + 1), k + 1] : [at(k - 1), k - 1];
    const startX = edits === 0 ? 0 : isDown ? fromX : fromX + 1;
    for (; x > startX; x--, y--) pieces.push({ kind: "same", text: from[x - 1] ?? "" });
    if (edits === 0) break;
    if (isDown) pieces.push({ kind: "new", text: to[y - 1] ?? "" });
    else pieces.push({ kind: "gone", text: from[x - 1] ?? "" });
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
