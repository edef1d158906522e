// What a foreign value must be, made of small checks: a value and its path go in, the path of the first misfit or null comes
// out. Knows no message.

/** Null when `value` fits, else the path of the first field that does not. */
export type Check = (value: unknown, path: string) => string | null;
type Shape = Record<string, Check>;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const rule =
  (fits: (value: unknown) => boolean): Check =>
  (value, path) =>
    fits(value) ? null : path;
export const string = rule((value) => typeof value === "string");
export const number = rule(Number.isFinite);
export const count = rule((value) => Number.isSafeInteger(value) && (value as number) >= 0);
export const boolean = rule((value) => typeof value === "boolean");
export const maybe =
  (check: Check): Check =>
  (value, path) =>
    value === null ? null : check(value, path);
export const list =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return path;
    for (const [i, item] of value.entries()) {
      const wrong = check(item, `${path}[${i}]`);
      if (wrong) return wrong;
    }
    return null;
  };
// Fields that no shape names are let through: a newer kernel may say more than this page knows.
export const shape =
  (required: Shape, optional: Shape = {}): Check =>
  (value, path) => {
    if (!isRecord(value)) return path;
    for (const key in { ...required, ...optional }) {
      if (value[key] === undefined && !(key in required)) continue;
      const wrong = (required[key] ?? optional[key])?.(value[key], `${path}.${key}`);
      if (wrong) return wrong;
    }
    return null;
  };
/** A list of so many values, each of its own kind. */
export const tuple =
  (...checks: Check[]): Check =>
  (value, path) => {
    if (!Array.isArray(value) || value.length !== checks.length) return path;
    for (const [i, check] of checks.entries()) {
      const wrong = check(value[i], `${path}[${i}]`);
      if (wrong) return wrong;
    }
    return null;
  };
