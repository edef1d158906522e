// A scroller comes in; while its end is in sight it stays there as the text grows. Where all is there at once, it begins
// at the beginning.

/** CSS pixels that count as the end. */
const NEAR = 4;

export interface Tail {
  /** After the text has changed; `isShorter`: the reader went back, and wants to see where to. */
  update(isShorter: boolean): void;
  toEnd(): void;
}

export function followEnd(scroller: HTMLElement, signal: AbortSignal): Tail {
  let isAtEnd: boolean | null = null;
  const look = (): void => {
    isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR;
  };
  const toEnd = (): void => {
    scroller.scrollTop = scroller.scrollHeight;
  };
  scroller.addEventListener("scroll", look, { signal, passive: true });
  return {
    update(isShorter) {
      if (isShorter) isAtEnd = true;
      if (isAtEnd) toEnd();
      else if (isAtEnd === null && scroller.scrollHeight > 0) look();
    },
    toEnd,
  };
}
