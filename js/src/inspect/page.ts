// static/page.js, in a page of its own with no kernel and no network: blocks of packed data and of our own modules in the
// document come in, the inspector that replays them goes out. A model and a host of our own stand in for anywidget's.
import type { AnyModel, Host, RenderArgs } from "../anywidget";
import { hasBlock, load, unpack } from "./modules";
import type { Moment, Track } from "./trace";

/** What the block "data" holds. */
export interface PageData {
  tracks: Track[];
  moments: Moment[][];
  options: Record<string, unknown>;
}

interface Library {
  initialize(): unknown;
}

interface Widget {
  render(args: RenderArgs): unknown;
}

const LIBRARIES = ["core", "inspector", "highlight", "maths"] as const;
/** So many moments are told at once, as the kernel does. */
const MAX_MOMENTS = 2000;
/** Characters of the question above an answer. */
const MAX_QUESTION = 600;

/** The model of a page whose `data` is all that there is. `libraries`: the names of the parts that it has. */
export function createPageModel(data: PageData, libraries: readonly string[]): AnyModel {
  const listeners = new Map<string, Set<(...args: unknown[]) => void>>();
  const traits: Record<string, unknown> = {
    _model_id: "page",
    _tracks: data.tracks.map((track) => ({ ...track, branches: false })), // nobody is there to go on
    _options: data.options,
    ...Object.fromEntries(libraries.map((name) => [`_${name}`, name])),
  };
  const tell = (content: unknown): void => listeners.get("msg:custom")?.forEach((listener) => listener(content));
  return {
    get: (name) => traits[name],
    on: (name, callback) => void listeners.set(name, (listeners.get(name) ?? new Set()).add(callback)),
    off: (name, callback) => void listeners.get(name)?.delete(callback),
    send(content) {
      const { type, track, from } = content as { type?: unknown; track?: number; from?: number };
      const all = data.moments[track ?? -1];
      if (type !== "moments" || !all || from === undefined) return;
      setTimeout(() => tell({ type, track, from, moments: all.slice(from, from + MAX_MOMENTS), total: all.length }));
    },
  };
}

function createHost(): Host {
  const loaded = new Map<string, Promise<{ exports: unknown }>>();
  return {
    getWidget(ref) {
      const name = LIBRARIES.find((known) => known === ref);
      if (!name) return Promise.reject(new Error("there is no such library"));
      const known = loaded.get(name) ?? load(name).then((library) => ({ exports: (library as Library).initialize() }));
      loaded.set(name, known);
      return known;
    },
  };
}

/** Shows the recordings of the document in `el`. */
export async function openPage(el: HTMLElement): Promise<void> {
  const data = JSON.parse(await unpack("data")) as PageData;
  const libraries = LIBRARIES.filter(hasBlock);
  const widget = (await load("inspect")) as Widget;
  for (const question of new Set(data.tracks.map(questionOf))) el.append(createQuestion(question));
  const view = el.appendChild(document.createElement("div"));
  widget.render({ el: view, host: createHost(), model: createPageModel(data, libraries) });
}

/** What was asked last, as the request says it; empty where that is no text. */
export function questionOf({ request }: Track): string {
  const { messages, prompt } = request ?? {};
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  const said = (last as { content?: unknown } | null | undefined)?.content ?? prompt;
  return typeof said === "string" ? said.trim() : "";
}

function createQuestion(text: string): HTMLElement {
  const element = document.createElement("p");
  element.className = "question";
  element.dir = "auto";
  element.hidden = text === "";
  element.textContent = text.length > MAX_QUESTION ? `${text.slice(0, MAX_QUESTION)}…` : text;
  return element;
}

const root = document.getElementById("ns-root");
if (root) {
  openPage(root).catch((error: unknown) => {
    root.textContent = "This page could not be opened: your browser may be too old for it.";
    console.error(error);
  });
}
