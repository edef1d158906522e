// The kernel's library widgets, as a view finds them: the name of a trait with a reference comes in, the exports of the
// library go out, however late it comes. Knows no library.
import type { AnyModel, Host } from "./anywidget";

/** After a reload the library's model may be restored long after ours; after two minutes it will not come. */
const RETRY_MS = 50;
const RETRY_MAX_MS = 5000;
const RETRY_FOR_MS = 120_000;

/** The exports of the library that the trait `name` of `model` refers to, if `has` says that they are it. */
export async function findLibrary<T>(
  { model, host }: { model: AnyModel; host?: Host },
  name: string,
  has: (exports: Partial<T>) => boolean,
  signal: AbortSignal,
): Promise<T | null> {
  if (typeof host?.getWidget !== "function") return null;
  const until = performance.now() + RETRY_FOR_MS;
  for (let wait = RETRY_MS; performance.now() < until && !signal.aborted; wait = Math.min(wait * 2, RETRY_MAX_MS)) {
    const ref = String(model.get(name) ?? "");
    try {
      const exports = ref && (await host.getWidget(ref)).exports;
      if (exports && has(exports)) return exports as T;
    } catch {
      // Not there yet: the manager's get_model throws until the library's model is restored.
    }
    await pause(model, name, wait, signal);
  }
  return null;
}

/** Waits for `ms`, or until the kernel names the library. */
function pause(model: AnyModel, name: string, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      model.off(`change:${name}`, end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    model.on(`change:${name}`, end);
    signal.addEventListener("abort", end);
  });
}
