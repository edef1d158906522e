// A growing text in a box of bounded height comes in; the box shows its end while it grows, unless the reader has gone back,
// and tells where more is hidden. At the end it goes back to where one begins to read.

/** Pixels by which "at the end" may be missed. */
const NEAR = 6;

/**
 * Keeps the end of `inner` in sight in `box` while `isLive`. The returned function looks whether that has ended: then the
 * beginning is shown, unless the reader is there.
 */
export function followEnd(box: HTMLElement, inner: HTMLElement, isLive: () => boolean, signal: AbortSignal): () => void {
  let follows = true;
  let wasLive = false;
  let lastTop = 0;
  const look = (): void => {
    const { scrollTop, scrollHeight, clientHeight } = box;
    const left = scrollHeight - clientHeight - scrollTop;
    // Only the reader moves it up: a text that has grown meanwhile moves nothing.
    if (left <= NEAR) follows = true;
    else if (scrollTop < lastTop) follows = false;
    lastTop = scrollTop;
    box.toggleAttribute("data-above", scrollTop > NEAR);
    box.toggleAttribute("data-below", left > NEAR);
  };
  box.addEventListener("scroll", look, { signal, passive: true });
  if (typeof ResizeObserver === "function") {
    const observer = new ResizeObserver(() => {
      if (follows && isLive()) box.scrollTop = box.scrollHeight;
      look();
    });
    observer.observe(inner);
    observer.observe(box);
    signal.addEventListener("abort", () => observer.disconnect());
  }
  return () => {
    if (wasLive && !isLive() && follows && !isReaderAt(box)) box.scrollTop = 0;
    wasLive = isLive();
  };
}

function isReaderAt(box: HTMLElement): boolean {
  const { activeElement = null } = box.getRootNode() as Partial<ShadowRoot>;
  const around = box.closest(".cell, .enlarged") ?? box;
  return around.matches(":hover") || around.contains(activeElement);
}
