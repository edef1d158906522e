// A link target as the text has it comes in, a safe one or none goes out, with what the reader must see of it.
// Knows no tokens and no DOM.

/** A target that may be clicked: http, https or mailto, absolute. */
export interface Target {
  href: string;
  /** The host, or the address of a mailto: what the reader must be able to see before the click. */
  host: string;
}

const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/**
 * The target behind `raw`, or undefined when it is relative, malformed or of another scheme. Parsed without a
 * base, so that nothing ever leads to the notebook server.
 */
export function targetOf(raw: string): Target | undefined {
  let url: URL;
  try {
    url = new URL(raw);
  } catch {
    return undefined;
  }
  if (!SCHEMES.has(url.protocol)) return undefined;
  // "https:evil" and "https:\\evil" are absolute to a browser though they do not look it.
  if (url.protocol !== "mailto:" && !/^[a-z]+:\/\//iu.test(raw)) return undefined;
  // Chromium lets an escape through ("good.com%20.evil.com"), though no such name can be resolved.
  if (url.host.includes("%")) return undefined;
  const host = url.protocol === "mailto:" ? decoded(url.pathname) : url.host;
  return host ? { href: url.href, host } : undefined;
}

/** Whether a link's own text already is its address, so that its host need not be told again. */
export function showsHost(text: string, target: Target): boolean {
  const shown = text.trim().toLowerCase().replace(/^(?:https?:\/\/|mailto:)/u, "");
  const host = target.host.toLowerCase();
  return shown.startsWith(host) && /^(?:$|[/?#])/u.test(shown.slice(host.length));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
