// Boxes in a scrolling element come in; whether each can be seen, or will be soon, goes out.

/** So far beyond the edge (pixels) a box counts as seen: it is drawn before the reader comes to it. */
const MARGIN_PX = 300;

/** Calls `onSight` when an element of `scroller` comes into sight or goes, until `signal` aborts. */
export function watchSight(
  scroller: HTMLElement,
  elements: readonly HTMLElement[],
  onSight: (element: HTMLElement, isInSight: boolean) => void,
  signal: AbortSignal,
): void {
  if (typeof IntersectionObserver !== "function") {
    for (const element of elements) onSight(element, true);
    return;
  }
  // Two looks: the page's margin does not reach into a scroller, and the scroller's knows nothing of the page.
  const inScroller = new Set<HTMLElement>();
  let isOnPage = false;
  const boxes = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const element = target as HTMLElement;
        if (isIntersecting) inScroller.add(element);
        else inScroller.delete(element);
        onSight(element, isOnPage && isIntersecting);
      }
    },
    { root: scroller, rootMargin: `${MARGIN_PX}px` },
  );
  const whole = new IntersectionObserver(
    (entries) => {
      isOnPage = entries.at(-1)?.isIntersecting ?? false;
      for (const element of inScroller) onSight(element, isOnPage);
    },
    { rootMargin: `${MARGIN_PX}px` },
  );
  for (const element of elements) boxes.observe(element);
  whole.observe(scroller);
  signal.addEventListener("abort", () => {
    boxes.disconnect();
    whole.disconnect();
  });
}
