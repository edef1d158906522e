// Bytes that are known to be a picture or a sound come in, an element that shows them goes out. The only place that
// makes such elements, and the only addresses are blobs of these bytes: nothing is ever asked for.
import type { PictureType, Size, SoundType } from "./bytes";

export interface Shown {
  element: HTMLElement;
  /** Lets go of the bytes; the element shows nothing any more. */
  release(): void;
}

export function createPicture(bytes: Uint8Array<ArrayBuffer>, type: PictureType, size: Size, alt: string): Shown {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const element = document.createElement("img");
  element.alt = alt;
  // Its place is kept from the first moment on, so that nothing jumps when it has been decoded.
  [element.width, element.height] = [size.width, size.height];
  element.src = url;
  return { element, release: () => URL.revokeObjectURL(url) };
}

export function createPlayer(bytes: Uint8Array<ArrayBuffer>, type: SoundType, label: string): Shown {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const element = document.createElement("audio");
  element.controls = true;
  element.autoplay = false;
  element.preload = "metadata";
  element.setAttribute("aria-label", label);
  element.src = url;
  return { element, release: () => URL.revokeObjectURL(url) };
}
