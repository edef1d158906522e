// The parts that come later, or never: a highlighter and a typesetter. Their loaders come in; what goes out colours
// code and typesets formulas once they are there. A part gives data, which is checked; it never touches the page.
import { colourCode } from "./colours";
import type { Colouring, PlainText } from "./colours";
import type { Highlighter, Typesetter } from "./contract";
import { typesetFormula } from "./formula";
import { createSlices } from "./slices";
import type { Job } from "./slices";

/** Each is called at most once by a stream: at the first fence with a language, at the first formula. */
export interface PartLoaders {
  highlighter?: (() => Promise<Highlighter>) | undefined;
  typesetter?: (() => Promise<Typesetter>) | undefined;
}

export interface Parts {
  /** Colours `code`, whose text is still in `plain`; undefined without a highlighter. */
  colour(language: string, code: HTMLElement, plain: PlainText): Colouring | undefined;
  /** Puts the formula into `box` in place of its source. */
  typeset(tex: string, display: boolean, box: HTMLElement): void;
  /** Nothing more is done in the page. */
  destroy(): void;
}

const slices = createSlices();
const partsOf = new WeakMap<Node, Parts>();

/** Everything that is built inside of `root` uses `parts`. */
export function usePartsIn(root: HTMLElement, parts: Parts): void {
  partsOf.set(root, parts);
}

/** The parts for nodes that are being added to `parent`. */
export function findParts(parent: Node): Parts | undefined {
  for (let node: Node | null = parent; node; node = node.parentNode) {
    const parts = partsOf.get(node);
    if (parts) return parts;
  }
  return undefined;
}

/** `onError` is told once of a loader that fails; wrong data is shown as plain text without a word. */
export function createParts(loaders: PartLoaders, onError: (error: unknown) => void): Parts {
  const jobs = new Set<Job>();
  let isDestroyed = false;
  const withHighlighter = once(loaders.highlighter, onError);
  const withTypesetter = once(loaders.typesetter, onError);

  function enqueue(job: Job): void {
    if (isDestroyed) return;
    jobs.add(job);
    slices.add(job);
  }

  /** A job that is forgotten when it is done, or when `node` has been taken out of the page. */
  function tracked(node: Node, job: Job): Job {
    const work: Job = (isTimeUp) => {
      const state = findParts(node) ? job(isTimeUp) : "done";
      if (state === "done") jobs.delete(work);
      return state;
    };
    return work;
  }

  return {
    colour(language, code, plain) {
      if (!withHighlighter) return undefined;
      let isThere = false;
      const colouring = colourCode(plain, () => {
        if (isThere) enqueue(job);
      });
      const job = tracked(code, colouring.work);
      withHighlighter((highlighter) => {
        isThere = true;
        colouring.begin(highlighter, language);
        enqueue(job);
      });
      return colouring;
    },
    typeset(tex, display, box) {
      withTypesetter?.((typesetter) => {
        enqueue(tracked(box, () => typesetFormula(typesetter, tex, display, box)));
      });
    },
    destroy() {
      isDestroyed = true;
      for (const job of jobs) slices.remove(job);
      jobs.clear();
    },
  };
}

/** Calls `load` when first asked, and everybody who has asked once it is there. */
function once<T>(
  load: (() => Promise<T>) | undefined,
  onError: (error: unknown) => void,
): ((use: (part: T) => void) => void) | undefined {
  if (!load) return undefined;
  let part: T | undefined;
  let asking: ((part: T) => void)[] | undefined;
  return (use) => {
    if (part !== undefined) {
      use(part);
      return;
    }
    if (asking) {
      asking.push(use);
      return;
    }
    asking = [use];
    // In a promise's own function, so that a loader that throws is one that rejects.
    new Promise<T>((resolve) => resolve(load())).then((loaded) => {
      part = loaded;
      for (const each of asking?.splice(0) ?? []) each(loaded);
    }, onError);
  };
}
