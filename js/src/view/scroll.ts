// A growing box comes in; the nearest scroller follows its end while the reader is there, and never otherwise: then it
// offers the way back. Knows nothing of what is in the box.
// Also holds the status line at the window's lower edge while the box is taller (CSS `sticky` cannot, since
// JupyterLab's output areas are scroll containers themselves), and still while the pointer is on it.

/** Pixels by which "at the end" may be missed. */
const NEAR = 6;
/** Looking for the scroller reads many styles; it is looked for again this often (ms), as layouts change. */
const FIND_MS = 1000;

/** What stands at the end of the box: the status line, and in it the button that leads to the end. */
interface Furniture {
  bar: HTMLElement;
  jump: HTMLElement;
}

/**
 * Watches `host` grow and keeps its end, or the reader's place, until `signal` aborts. The returned function does so
 * at once, for a change that has no size, such as the end of the run.
 */
export function holdPlace(
  host: HTMLElement,
  { bar, jump }: Furniture,
  isRunning: () => boolean,
  signal: AbortSignal,
): () => void {
  let scroller: Element | null = null;
  let foundAt = -Infinity;
  let listening = new AbortController();
  let follows: boolean | undefined; // not known before the first layout
  let lastTop = 0;
  let isHeld = false;
  let box = { top: 0, bottom: 0, bar: 0 };
  let view = { top: 0, bottom: 0 };
  let moved = 0;
  let aimedAt: number | undefined; // where the status line stood when the pointer came to it

  const isEndVisible = (): boolean => box.bottom <= view.bottom + NEAR && box.bottom >= view.top;
  const look = (): void => {
    const rect = host.getBoundingClientRect();
    box = { top: rect.top, bottom: rect.bottom, bar: bar.offsetHeight };
    view = visiblePart(scroller);
  };
  const dock = (): void => {
    const room = box.bottom - box.top - box.bar;
    // Each new line would move Stop from under the pointer that aims at it (9 of 14 aimed clicks missed, measured).
    const wanted = [box.bottom - view.bottom, box.bottom - box.bar - (aimedAt ?? Infinity)].map(Math.round);
    const shift = isRunning() ? Math.max(0, ...wanted.filter((by) => by <= room)) : 0;
    if (shift === moved) return;
    moved = shift;
    bar.style.transform = shift ? `translateY(${-shift}px)` : "";
    bar.toggleAttribute("data-docked", shift > 0);
  };
  const offer = (): void => {
    const isAway = isRunning() && follows === false && box.bottom > view.bottom + NEAR && box.top < view.bottom;
    if (jump.hidden !== isAway) return;
    // Hidden, it would drop the focus to the page, and the next keys would be the notebook's shortcuts.
    const { activeElement } = jump.getRootNode() as Partial<ShadowRoot>;
    if (!isAway && activeElement === jump) bar.focus({ preventScroll: true });
    jump.hidden = !isAway;
  };
  const onScroll = (): void => {
    if (!scroller) return;
    look();
    const top = scroller.scrollTop;
    // Only the reader moves it up; growing content moves nothing, and our own moves go down.
    if (isEndVisible()) follows = true;
    else if (top < lastTop) follows = false;
    lastTop = top;
    dock();
    offer();
  };
  const find = (): void => {
    const now = performance.now();
    if (now - foundAt < FIND_MS) return;
    foundAt = now;
    const found = findScroller(host);
    if (found === scroller) return;
    scroller = found;
    lastTop = found.scrollTop;
    listening.abort();
    listening = new AbortController();
    const source = found === document.scrollingElement ? window : found;
    const options = { passive: true, signal: listening.signal };
    source.addEventListener("scroll", onScroll, options);
    window.addEventListener("resize", onScroll, options);
  };

  // While a button is down the reader may be selecting: the text must hold still.
  host.addEventListener("pointerdown", () => (isHeld = true), { signal });
  for (const type of ["pointerup", "pointercancel", "blur"]) window.addEventListener(type, () => (isHeld = false), { signal });
  const aim = (isAimed: boolean): void => {
    look();
    aimedAt = isAimed ? box.bottom - box.bar - moved : undefined;
    dock();
  };
  bar.addEventListener("pointerenter", () => aim(true), { signal });
  bar.addEventListener("pointerleave", () => aim(false), { signal });
  signal.addEventListener("abort", () => listening.abort());

  const follow = (): void => {
    const over = box.bottom - view.bottom;
    if (!scroller || !follows || isHeld || over <= 0 || box.top >= view.bottom) return;
    const from = scroller.scrollTop;
    scroller.scrollTop = from + Math.ceil(over);
    lastTop = scroller.scrollTop;
    box = { ...box, top: box.top - lastTop + from, bottom: box.bottom - lastTop + from };
  };
  const keepPlace = (): void => {
    if (!host.isConnected || signal.aborted) return;
    if (isRunning()) find();
    if (!scroller) return;
    look();
    follows ??= isEndVisible();
    follow();
    dock();
    offer();
    if (isRunning()) return;
    listening.abort(); // an ended run neither follows nor docks; its last words were followed just now
    listening = new AbortController();
    scroller = null;
    foundAt = -Infinity;
  };

  jump.addEventListener(
    "click",
    () => {
      follows = true;
      keepPlace();
    },
    { signal },
  );

  // Told after the layout and before the paint: measuring is free there, and no frame shows the place lost.
  if (typeof ResizeObserver === "function") {
    const observer = new ResizeObserver(keepPlace);
    observer.observe(host);
    signal.addEventListener("abort", () => observer.disconnect());
  }
  return keepPlace;
}

function visiblePart(scroller: Element | null): { top: number; bottom: number } {
  const height = window.innerHeight;
  if (!scroller || scroller === document.scrollingElement) return { top: 0, bottom: height };
  const rect = scroller.getBoundingClientRect();
  const top = rect.top + scroller.clientTop;
  return { top: Math.max(0, top), bottom: Math.min(height, top + scroller.clientHeight) };
}

/** The nearest ancestor that really scrolls, across shadow boundaries; else the page itself. */
function findScroller(element: Element): Element {
  for (let at = parentOf(element); at && at !== document.documentElement; at = parentOf(at)) {
    if (at.scrollHeight <= at.clientHeight + 1) continue;
    if (/auto|scroll|overlay/.test(getComputedStyle(at).overflowY) && at !== document.body) return at;
  }
  return document.scrollingElement ?? document.documentElement;
}

function parentOf(element: Element): Element | null {
  const { parentNode } = element;
  return element.assignedSlot ?? (parentNode instanceof ShadowRoot ? parentNode.host : element.parentElement);
}
