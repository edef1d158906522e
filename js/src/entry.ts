// static/stream.js, sent with every stream, hence small: anywidget's model and element come in, a live view goes
// out, drawn by the shared core once that is there and as plain text until then.
import type { InitializeArgs, RenderArgs } from "./anywidget";
import type { Core } from "./core";
import { restoreViews } from "./hollow";
import { keepJournal, type Journal } from "./journal";
import { findLibrary } from "./library";
import { mount, partLoaders } from "./mount";
import { createPlainView } from "./plain";
import type { LiveStream } from "./stream";

/** Without the core after this long the plain text is shown: what has come must be on the page. */
const PLAIN_AFTER_MS = 80;

/** One model: what it was told, and, once the core is there, the stream that all its views share. */
interface Known {
  journal: Journal;
  stream?: LiveStream;
}

async function show(root: ShadowRoot, known: Known, args: RenderArgs, signal: AbortSignal): Promise<void> {
  const { journal } = known;
  const plain = new AbortController();
  const usePlain = (): void => {
    if (!plain.signal.aborted && !signal.aborted) createPlainView(root, journal, plain.signal);
  };
  const timer = setTimeout(usePlain, PLAIN_AFTER_MS);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    plain.abort();
  });
  const core = await findLibrary<Core>(args, "_core", ({ createView }) => typeof createView === "function", signal);
  if (!core || signal.aborted) return;
  clearTimeout(timer);
  plain.abort();
  try {
    known.stream ??= core.createStream(journal);
    core.createView(root, known.stream, signal, partLoaders(args, signal));
    journal.forget();
  } catch (error) {
    console.warn("[notebook-stream] plain text, for the view failed:", error);
    createPlainView(root, journal, signal);
  }
}

export default () => {
  // By model id: a host may call this function once for several models.
  const models = new Map<unknown, Known>();
  const open = ({ model, signal }: InitializeArgs): Known => {
    const id = model.get("_model_id");
    const own = signal ?? new AbortController().signal;
    const known = models.get(id) ?? { journal: keepJournal(model, own) };
    if (!models.has(id)) own.addEventListener("abort", () => models.delete(id));
    models.set(id, known);
    restoreViews(model, String(id), own);
    return known;
  };
  return {
    // Must not wait for anything: anywidget drops a model's messages for good after two seconds.
    initialize(args: InitializeArgs): void {
      open(args);
    },
    render(args: RenderArgs): () => void {
      const view = new AbortController();
      args.signal?.addEventListener("abort", () => view.abort());
      const known = models.get(args.model.get("_model_id")) ?? open({ model: args.model });
      void show(mount(args.el), known, args, view.signal);
      return () => view.abort();
    },
  };
};
