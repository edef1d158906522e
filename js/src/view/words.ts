// A run's state comes in, the words of its status line go out. Pure, so that every state is a row of a test table.
import { hasBegun, isStale, newCharsOf, shownAnswers, type Run } from "../store";
import type { StopState } from "../stream";
import type { RunState } from "../wire";

export interface Situation {
  run: Run;
  /** Seconds since the run's start. */
  elapsed: number;
  stop: StopState;
  gone: string;
}

/** `tone` is the meaning that colour and icon add to the words. */
export interface Words {
  state: string;
  tone: "" | "running" | "stopped" | "warning" | "error";
  metrics: string[];
}

/** The waiting is counted aloud from here on (seconds). */
const SHOW_WAIT_S = 5;
/** Below this (seconds) a rate says nothing. */
const MIN_RATE_S = 0.5;
const CHARS_PER_TOKEN = 4;

export const seconds = (value: number): string =>
  value < 99.95 ? `${value.toFixed(value < 1 ? 2 : 1)} s` : `${Math.round(value).toLocaleString("en-US")} s`;

const count = (value: number): string => Math.round(value).toLocaleString("en-US");
const counted = (value: number, unit: string): string => `${count(value)} ${unit}${Math.round(value) === 1 ? "" : "s"}`;
const about = (text: string, isEstimated: boolean): string => (isEstimated ? `≈ ${text}` : text);

const FINISHED: Record<string, string> = {
  content_filter: "content filtered",
  refusal: "refused",
  tool_calls: "done: asks for tools",
  pause: "done: paused by the server",
  stop: "done",
};

/** Where the limit itself is not told. */
const STOPPED: Record<string, string> = {
  seconds: "time limit reached",
  chars: "limit of characters reached",
  cost: "cost limit reached",
  stop_when: "stop_when was met",
  abandoned: "no view was left",
};

const ERRORS: Record<string, string> = {
  connect: "no connection",
  dns: "host not found",
  tls: "no secure connection",
  auth: "key refused",
  not_found: "not found",
  bad_request: "request refused",
  rate_limit: "too many requests",
  server: "server failed",
  overloaded: "server overloaded",
  protocol: "unexpected answer",
  limit: "too large",
  interrupted: "connection ended early",
  source: "the source raised",
};

export function describe(situation: Situation): Words {
  return situation.run.ended ? ended(situation.run, situation.elapsed) : running(situation);
}

function ended(run: Run, elapsed: number): Words {
  const { state } = run;
  const metrics = [seconds(elapsed), ...tokens(state), ...rate(state), ...first(state), ...cost(state)];
  const words = (text: string, tone: Words["tone"], shown = metrics): Words => ({
    state: isStale(run) ? `${text}, catching up` : text,
    tone,
    metrics: shown,
  });
  switch (state.status) {
    case "stopped":
      if ((state.stop_reason ?? "user") !== "user") return words(`stopped: ${stopReason(state)}`, "stopped");
      // The sentence holds time and tokens already.
      return words(
        [`${closed(state)} at ${seconds(elapsed)}`, ...tokens(state)].join(", "),
        "stopped",
        [...rate(state), ...first(state), ...cost(state)],
      );
    case "interrupted":
      return words(`interrupted: ${errorWord(state) || "connection ended early"}`, "warning");
    case "error":
      return words(`error: ${errorWord(state) || "unknown"}`, "error");
    default: {
      const answers = shownAnswers(run).length;
      if (answers > 1) return words(`done: ${answers} choices`, ""); // each tells its own end
      const reason = state.finish_reason ?? "stop";
      if (reason === "stop" && run.refusal.length > 0) return words("refused", "warning");
      if (reason === "length") return words(`done: cut off at ${state.finish_detail || "max_tokens"}`.slice(0, 60), "warning");
      const known = Object.hasOwn(FINISHED, reason) ? FINISHED[reason] : undefined;
      return words(known ?? `done: ${reason.slice(0, 40)}`, known === "done" || reason === "tool_calls" ? "" : "warning");
    }
  }
}

/** Only what has really been closed is said to be. */
function closed({ origin, notice }: RunState): string {
  if (origin !== "source") return "stopped: connection closed";
  return notice ? "stopped" : "stopped: source closed"; // a source that is computing cannot be closed, and the notice says so
}

function stopReason({ stop_reason, stop_detail }: RunState): string {
  const reason = String(stop_reason);
  return (stop_detail || (Object.hasOwn(STOPPED, reason) ? STOPPED[reason] : undefined) || reason).slice(0, 100);
}

function running({ run, elapsed, stop, gone }: Situation): Words {
  const { state } = run;
  const isHere = hasBegun(run);
  const metrics = isHere ? [seconds(elapsed), ...liveRate(run, elapsed), ...first(state), ...cost(state)] : [];
  if (gone) return { state: `interrupted: ${gone}`, tone: "warning", metrics: first(state) };
  if (stop === "busy") return { state: "kernel busy: stops when the running cell ends", tone: "warning", metrics };
  if (stop) return { state: "stopping…", tone: "stopped", metrics };
  if (state.retry && !isHere) return { state: retrying(state.retry, elapsed), tone: "warning", metrics };
  const words = isHere ? "streaming" : waiting(state, elapsed);
  return { state: isStale(run) ? `${words}, catching up` : words, tone: "running", metrics };
}

function waiting(state: RunState, elapsed: number): string {
  const isConnecting = state.first_byte_s == null && state.status !== "streaming" && elapsed < 1;
  const words = isConnecting ? "connecting" : "waiting for first token";
  return elapsed < SHOW_WAIT_S ? words : `${words} ${Math.floor(elapsed)} s`;
}

function retrying(retry: NonNullable<RunState["retry"]>, elapsed: number): string {
  const left = Math.ceil(retry.at_s - elapsed);
  return `retrying ${left > 0 ? `in ${left} s` : "now"} (${retry.attempt} of ${retry.of}): ${retry.reason}`;
}

/** The status line has the short word, the error part the whole sentence. */
function errorWord({ error }: RunState): string {
  if (!error) return "";
  return (Object.hasOwn(ERRORS, error.code) ? ERRORS[error.code] : undefined) ?? (error.code || error.message).slice(0, 60);
}

const tokens = (state: RunState): string[] =>
  state.tokens ? [about(counted(state.tokens, "token"), state.estimated !== false)] : [];

const rateText = (value: number): string => `${value < 10 ? value.toFixed(1) : count(value)} tokens/s`;

const rate = (state: RunState): string[] =>
  state.tokens_per_s ? [about(rateText(state.tokens_per_s), state.estimated !== false)] : [];

/** Chunks are not tokens, and the server counts only at the end: until then characters give an estimate. */
export const tokensSoFar = (run: Run): number => Math.max(run.state.tokens ?? 0, newCharsOf(run) / CHARS_PER_TOKEN);

/** Tokens a second until now; null where there is nothing to say yet. */
export function rateSoFar(run: Run, elapsed: number): number | null {
  const since = elapsed - (run.state.ttft_s ?? run.state.first_byte_s ?? 0);
  const made = tokensSoFar(run);
  return since < MIN_RATE_S || made === 0 ? null : made / since;
}

function liveRate(run: Run, elapsed: number): string[] {
  const value = rateSoFar(run, elapsed);
  return value === null ? [] : [`≈ ${rateText(value)}`];
}

const first = (state: RunState): string[] => (state.ttft_s == null ? [] : [`first token ${seconds(state.ttft_s)}`]);

const cost = ({ cost: value, cost_estimated }: RunState): string[] =>
  value == null || value < 0 ? [] : [about(dollars(value), cost_estimated === true)];

/** Readable below a cent: $12.34, $0.50, $0.0042, $0.00000042. */
export function dollars(value: number): string {
  if (value >= 1) return `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  const digits = value > 0 ? Math.min(1 - Math.floor(Math.log10(value)), 100) : 2;
  return `$${value.toFixed(Math.max(digits, 2)).replace(/(\.\d\d\d*?)0+$/, "$1")}`;
}
