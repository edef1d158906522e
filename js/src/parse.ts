// What comes over the comm goes in as unknown, a typed message or null comes out. Knows no DOM and no Jupyter.
import { boolean, count, isRecord, list, maybe, number, rule, shape, string, tuple, type Check } from "./check";
import type { Track } from "./inspect/trace";
import type { FromPage, ToPage } from "./wire";

const tools = list(shape({}, { position: count, id: string, name: string, arguments: string, kind: string }));
const results = list(shape({ position: maybe(count), name: string, kind: string, content: string }));
const citations = list(shape({ url: string, title: string, quote: string }, { start: count, end: count }));
const media = list(
  shape(
    { slot: count, kind: string },
    { mime_type: string, data: list(string), url: string, transcript: string, is_too_large: boolean },
  ),
);
const settling = rule((value) => value === "" || value === "planned" || value === "done");
const state = shape(
  {},
  {
    status: string,
    model: string,
    elapsed_s: number,
    first_byte_s: maybe(number),
    ttft_s: maybe(number),
    total_s: maybe(number),
    stop_reason: maybe(string),
    stop_detail: string,
    finish_reason: maybe(string),
    finish_detail: string,
    origin: string,
    tokens: number,
    estimated: boolean,
    tokens_per_s: maybe(number),
    usage: maybe(rule(isRecord)),
    cost: maybe(number),
    cost_estimated: boolean,
    error: maybe(shape({ code: string, message: string, hint: string })),
    retry: maybe(shape({ at_s: number, attempt: number, of: number, reason: string })),
    notice: string,
    note: string,
    settling,
    asked: shape({}, { json: boolean, choices: count, continues: count }),
    resumable: boolean,
  },
);
const whole = { text: string, reasoning: string, refusal: string, tools, citations };
const piece = { ...whole, results, media };
const choices = list(shape({ index: count }, { ...piece, finish_reason: string, finish_detail: string }));
const rare = { results, media, choices };

const REQUESTS: readonly FromPage["type"][] = ["stop", "snapshot", "views", "copy", "stop_cells", "again", "resume", "missing", "moments", "branch"];
const counts = list(count);
const agreement = shape({
  cells: counts,
  distinct: count,
  prefix: count,
  before: string,
  after: list(string),
  alike: number,
  chars: counts,
  seconds: list(number),
});
const grid = shape(
  {},
  { elapsed_s: number, total_s: maybe(number), concurrency: count, max_cost: maybe(number), note: string, stop_reason: maybe(string), settling, agreements: list(agreement) },
);
const ofRun: Check = (value, path) => {
  const type = isRecord(value) ? value["type"] : undefined;
  const check = type === "append" || type === "end" || type === "snapshot" ? messages.get(type) : undefined;
  return check ? check(value, path) : `${path}.type`;
};

const logprob = tuple(string, number, list(tuple(string, number)));
const moment = shape({ at: number, name: string, data: string }, { piece: shape({}, { ...piece, choices }), state, logprobs: list(logprob) });

const messages = new Map<unknown, Check>([
  ["append", shape({ seq: count }, { ...piece, choices, state })],
  ["end", shape({ seq: count, state })],
  ["snapshot", shape({ seq: count, ...whole, state }, { ...rare, lacks_media: boolean })],
  ["beat", shape({ seq: count })],
  ["ack", shape({ of: rule((value) => REQUESTS.includes(value as FromPage["type"])) })],
  ["settled", shape({})],
  ["copy", shape({ data: rule(isRecord), metadata: rule(isRecord) })],
  ["cells", shape({ seq: count }, { cells: list(shape({ cell: count, run: count, message: ofRun })), state: grid })],
  ["moments", shape({ track: count, from: count, moments: list(moment), total: count })],
]);

const tracks = list(
  shape(
    { label: string, model: string, wire_format: string, host: string, request: maybe(rule(isRecord)), branches: boolean },
    { parent: maybe(count), token: maybe(count), lost: count, times: string },
  ),
);

/** The tracks of an inspector; none where one of them is not what it must be. */
export function parseTracks(value: unknown): Track[] {
  const wrong = tracks(value, "_tracks");
  if (wrong === null) return value as Track[];
  console.warn(`[notebook-stream] tracks dropped: ${wrong}`);
  return [];
}

/** The message that `value` is, or null: unknown and malformed ones are dropped with a warning that names them. */
export function parseMessage(value: unknown): ToPage | null {
  const type = isRecord(value) ? value["type"] : undefined;
  const check = messages.get(type);
  const name = String(type).slice(0, 40);
  const wrong = check ? check(value, name) : `unknown type ${name}`;
  if (wrong === null) return value as ToPage;
  console.warn(`[notebook-stream] message dropped: ${wrong}`);
  return null;
}
