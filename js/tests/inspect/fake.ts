// Tracks and moments of an inspector for the tests, and a fake model that has them and answers the page's requests.
import type { Moment, Track } from "../../src/inspect/trace";
import type { FromPage, Moments } from "../../src/wire";
import { fakeModel, type FakeModel } from "../fake";

export const track = (more: Partial<Track> = {}): Track => ({
  label: "demo/markdown",
  model: "demo/markdown",
  wire_format: "openai-chat",
  host: "demo",
  request: { model: "demo/markdown", messages: [] },
  branches: false,
  parent: null,
  token: null,
  lost: 0,
  times: "",
  ...more,
});

export const opening: Moment = { at: 0, name: ":opened", data: '{"status_code":200,"headers":{}}', state: { status: "connecting", model: "demo/markdown" } };
export const text = (at: number, piece: string, more: Partial<Moment> = {}): Moment => ({ at, name: "", data: JSON.stringify({ piece }), piece: { text: piece }, state: { status: "streaming" }, ...more });
export const ending = (at: number): Moment => ({ at, name: ":end", data: "{}", state: { status: "done", finish_reason: "stop", total_s: at, estimated: false } });

/** A word each 100 ms, the first after 500 ms. */
export const run = (...words: string[]): Moment[] => {
  const told = words.map((word, i) => text((500 + 100 * i) / 1000, word));
  return [opening, ...told, ending((500 + 100 * words.length) / 1000)];
};

export const WORDS = ["The", " cat", " sat", " on", " a", " **mat**", "."];

export const moments = (from: number, list: Moment[], total: number, of = 0): Moments => ({ type: "moments", track: of, from, moments: list, total });

export interface InspectorModel extends FakeModel {
  /** What the kernel has by now, for each track. */
  kept: Moment[][];
  /** Tells the page what came, unasked. */
  push(list: Moment[], of?: number): void;
}

/** `kept`: for each track the moments that the kernel has. It answers when it is asked, with at most `most` of them. */
export function inspectorModel(kept: Moment[][], options: object = {}, tracks: Track[] = kept.map(() => track()), most = 500): InspectorModel {
  const model = fakeModel({ _tracks: tracks, _options: options, _inspector: "inspector" }) as InspectorModel;
  model.kept = kept;
  model.onSend = (message: FromPage) => {
    if (message.type !== "moments") return;
    const all = model.kept[message.track] ?? [];
    setTimeout(() => model.emit("msg:custom", moments(message.from, all.slice(message.from, message.from + most), all.length, message.track)));
  };
  model.push = (list, of = 0) => {
    const all = (model.kept[of] ??= []);
    const from = all.length;
    all.push(...list);
    model.emit("msg:custom", moments(from, list, all.length, of));
  };
  return model;
}
