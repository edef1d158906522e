// Pictures, sounds and files that the model made come in; pictures and players go out where the bytes are of a known
// kind, else one plain line. What is only an address is a link: nothing is asked for without a click.
import { targetOf } from "../markdown/links";
import { visibleProse } from "../markdown/visible";
import type { Answer, Thing } from "../store";
import { createPicture, createPlayer, type Shown } from "./blobs";
import { bytesOf, pictureOf, soundOf, wavOf } from "./bytes";
import { h, type Section } from "./dom";

/** Bytes; the kernel sends no more either. */
const MAX_BYTES = 8 * 2 ** 20;
/** Pixels: few bytes can be a picture that takes gigabytes to show. */
const MAX_PIXELS = 50e6;

const NAMES: Record<string, string> = { image: "Picture", audio: "Sound" };
const nameOf = ({ kind }: Thing): string => NAMES[kind] ?? "File";

/** `isWhole`: no more of a sound will come. */
export function createMedia(answer: Answer, isWhole: () => boolean, signal: AbortSignal): Section {
  const element = h("div", { part: "media", hidden: true });
  const things = new Map<number, { element: HTMLElement; key: string; release?: () => void }>();
  signal.addEventListener("abort", () => {
    for (const { release } of things.values()) release?.();
  });

  return {
    element,
    update() {
      element.hidden = answer.media.length === 0;
      for (const thing of answer.media) {
        const isGrowing = thing.kind === "audio" && !isWhole();
        const key = `${thing.version} ${isGrowing}`;
        const known = things.get(thing.slot);
        if (known?.key === key) continue;
        const shown = isGrowing ? undefined : createShown(thing);
        const box = createBox(thing, shown?.element ?? createLine(thing, isGrowing));
        if (known) known.element.replaceWith(box);
        else element.append(box);
        known?.release?.();
        things.set(thing.slot, { element: box, key, ...(shown ? { release: shown.release } : {}) });
      }
    },
  };
}

function createBox(thing: Thing, content: HTMLElement): HTMLElement {
  const box = h("div", { class: "thing" }, content);
  if (thing.transcript) box.append(h("p", { class: "transcript", dir: "auto" }, visibleProse(thing.transcript)));
  return box;
}

/** What the bytes show, if they are what they must be. */
function createShown(thing: Thing): Shown | undefined {
  if (thing.is_too_large || thing.data.length === 0) return undefined;
  const bytes = bytesOf(thing.data);
  if (!bytes || bytes.length > MAX_BYTES) return undefined;
  if (thing.kind === "image") {
    const picture = pictureOf(bytes);
    const pixels = picture ? picture.size.width * picture.size.height : 0;
    if (!picture || pixels === 0 || pixels > MAX_PIXELS) return undefined;
    return createPicture(bytes, picture.type, picture.size, "Picture made by the model");
  }
  if (thing.kind !== "audio") return undefined;
  const type = soundOf(bytes);
  const sound = type ? bytes : wavOf(bytes, thing.mime_type);
  return sound ? createPlayer(sound, type ?? "audio/wav", "Sound made by the model") : undefined;
}

/** One line in place of what cannot be shown, or not yet. */
function createLine(thing: Thing, isGrowing: boolean): HTMLElement {
  const name = nameOf(thing);
  const target = targetOf(thing.url);
  if (target) {
    const link = h("a", { href: target.href, target: "_blank", rel: "noopener noreferrer", title: target.href }, `${name} at ${target.host}`);
    return h("div", {}, link);
  }
  const kind = /^[\w.+-]+\/[\w.+-]{1,40}/.exec(thing.mime_type)?.[0];
  const bytes = Math.floor((thing.data.reduce((sum, piece) => sum + piece.length, 0) * 3) / 4);
  const size = bytes > 0 ? sizeWords(bytes) : "";
  if (isGrowing) return h("div", { class: "quiet" }, [name, size && `${size} so far`].filter(Boolean).join(", "));
  const details = [kind, thing.is_too_large ? "too large for the page" : size].filter(Boolean).join(", ");
  return h("div", { class: "quiet" }, `${name}${details ? ` (${details})` : ""}, not shown here: it is in result().media`);
}

function sizeWords(bytes: number): string {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
