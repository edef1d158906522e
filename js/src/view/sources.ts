// Citations come in, each source once and with its number goes out: providers send one citation for each mention.
import type { CitationItem } from "../wire";

/** Sources that get an element of their own. */
export const MAX_SOURCES = 200;

export interface Source {
  /** As shown, from 1 on. */
  number: number;
  url: string;
  title: string;
  quote: string;
  /** Where it is referred to, as far as told. */
  cited: CitationItem[];
}

/** The sources of `citations`, in the order in which they were first named. */
export function sourcesOf(citations: readonly CitationItem[]): Source[] {
  const sources = new Map<string, Source>();
  for (const item of citations) {
    const { url, title, quote } = item;
    const key = url || `${title}\n${title ? "" : quote}`;
    const known = sources.get(key);
    if (known) known.cited.push(item);
    else sources.set(key, { number: sources.size + 1, url, title, quote, cited: [item] });
  }
  return [...sources.values()];
}
