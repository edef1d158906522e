// Keys pressed inside a view come in: Escape stops, arrows move along the toolbar, and none of them goes on to the
// notebook's own shortcuts.

/** `onEscape` returns true when it has done something. */
export function holdKeys(root: ShadowRoot, toolbar: HTMLElement, onEscape: () => boolean, signal: AbortSignal): void {
  const onKey = (event: KeyboardEvent): void => {
    // Tab must go on: it is how one leaves. All else is ours, also what does nothing here (`d d` deletes a cell).
    if (event.key !== "Tab") event.stopPropagation();
    if (event.type !== "keydown" || event.isComposing) return;
    if (event.key === "Escape" && onEscape()) event.preventDefault();
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") moveAlong(root, toolbar, event);
  };
  for (const type of ["keydown", "keypress", "keyup"] as const) {
    root.addEventListener(type, onKey as EventListener, { signal });
  }
}

function moveAlong(root: ShadowRoot, toolbar: HTMLElement, event: KeyboardEvent): void {
  const buttons = [...toolbar.querySelectorAll("button")].filter((button) => !button.hidden && button.style.visibility !== "hidden");
  const at = buttons.findIndex((button) => button === root.activeElement);
  if (at < 0) return;
  const step = event.key === "ArrowRight" ? 1 : -1;
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
  event.preventDefault();
}
