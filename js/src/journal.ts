// A widget model comes in, what the kernel tells it goes out to whoever draws it, also to one who comes later: the
// core, which understands it, may arrive long after the first words. Understands nothing of it itself.
import type { AnyModel } from "./anywidget";

export interface Journal {
  readonly model: AnyModel;
  /** Aborts with the model. */
  readonly signal: AbortSignal;
  /** What the model's traits were then: later ones overtake messages that are still unread, and hold no pictures. */
  readonly opening: Readonly<Record<string, unknown>>;
  /** When the opening state came, by the page's clock (ms). */
  readonly openedAt: number;
  /** Each message since then with its time (ms), until they are forgotten. */
  readonly entries: readonly (readonly [content: unknown, at: number])[];
  /** Whether messages are missing in `entries`. */
  readonly isForgotten: boolean;
  /** Whoever reads the model from now on remembers for himself. */
  forget(): void;
}

export function keepJournal(model: AnyModel, signal: AbortSignal): Journal {
  let entries: [unknown, number][] = [];
  let isForgotten = false;
  const note = (content: unknown): void => void entries.push([content, performance.now()]);
  const stop = (): void => model.off("msg:custom", note);
  model.on("msg:custom", note);
  signal.addEventListener("abort", stop);
  return {
    model,
    signal,
    opening: Object.fromEntries(["seq", "text", "reasoning", "_rest"].map((name) => [name, model.get(name)])),
    openedAt: performance.now(),
    get entries() {
      return entries;
    },
    get isForgotten() {
      return isForgotten;
    },
    forget() {
      stop();
      isForgotten = true;
      entries = [];
    },
  };
}
