// A model as anywidget's proxy shows it, and the messages of a run, for the tests: no network, no Jupyter.
import type { AnyModel, Manager } from "../src/anywidget";
import type { Append, FromPage, RunState, Snapshot } from "../src/wire";

export interface FakeModel extends AnyModel {
  sent: FromPage[];
  traits: Record<string, unknown>;
  emit(name: string, ...args: unknown[]): void;
  listenerCount(): number;
  /** What `send` does beyond noting the message, e.g. throw. */
  onSend: (message: FromPage) => void;
  widget_manager?: Manager;
}

export function fakeModel(traits: Record<string, unknown> = {}, manager?: Manager): FakeModel {
  const listeners = new Map<string, Set<(...args: unknown[]) => void>>();
  const rest = { refusal: "", tools: [], citations: [], state: state() };
  const model: FakeModel = {
    sent: [],
    traits: { _core: "anywidget:core", _model_id: "model-1", seq: 0, text: "", reasoning: "", _rest: rest, ...traits },
    onSend: () => undefined,
    get: (name) => model.traits[name],
    send(content) {
      model.onSend(content as FromPage);
      model.sent.push(content as FromPage);
    },
    on: (name, callback) => void listeners.set(name, (listeners.get(name) ?? new Set()).add(callback)),
    off: (name, callback) => void listeners.get(name)?.delete(callback),
    emit: (name, ...args) => [...(listeners.get(name) ?? [])].forEach((callback) => callback(...args)),
    listenerCount: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
  if (manager) model.widget_manager = manager;
  return model;
}

export function state(changes: RunState = {}): RunState {
  return {
    status: "connecting",
    model: "demo/markdown",
    elapsed_s: 0,
    first_byte_s: null,
    ttft_s: null,
    total_s: null,
    stop_reason: null,
    stop_detail: "",
    finish_reason: null,
    finish_detail: "",
    origin: "connection",
    tokens: 0,
    estimated: true,
    tokens_per_s: null,
    usage: null,
    cost: null,
    cost_estimated: false,
    error: null,
    retry: null,
    notice: "",
    note: "",
    settling: "",
    ...changes,
  };
}

export const append = (seq: number, text: string, more: Partial<Append> = {}): Append => ({ type: "append", seq, text, ...more });

export function snapshot(seq: number, text: string, more: Partial<Snapshot> = {}): Snapshot {
  return { type: "snapshot", seq, text, reasoning: "", refusal: "", tools: [], citations: [], state: state(), ...more };
}
