// What alias.mjs gives: a module's name to the file that stands in for it.
export const slim: Record<string, string>;
