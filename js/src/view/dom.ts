// Elements by createElement and text nodes only; knows nothing of streams.

type Props = Record<string, string | boolean>;

/** An element with attributes (`true` sets an empty one, `false` none) and children; strings become text nodes. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Writes only what has changed: an equal write would still dirty the layout and drop a selection. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element: HTMLElement, name: string, value: string | null): void {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** A part of the view that brings itself up to date; called at most once a frame. */
export interface Section {
  element: HTMLElement;
  update(): void;
}
