// The traces of an inspector come in, the place in them that is shown goes out, moved by one clock for all: play, pause,
// steps, speed, loop, and "live", which shows all that came. Each moment is shown at its own time. Knows no DOM.
import type { Inspector, Source } from "./inspector";
import { createPlayback, momentsUntil, type Playback } from "./playback";

export type Unit = "token" | "event";

export interface Player {
  /** One for each track of the inspector; in a race all are moved, else the chosen one. */
  readonly playbacks: readonly Playback[];
  /** The number of the track whose tokens and events are stepped through. */
  readonly chosen: number;
  /** Seconds since the runs' start. */
  readonly position: number;
  readonly length: number;
  readonly isPlaying: boolean;
  /** Whether what is shown still grows. */
  readonly isLive: boolean;
  /** Whether all is shown that came. */
  readonly isFollowing: boolean;
  readonly speed: number;
  readonly isLooping: boolean;
  play(): void;
  pause(): void;
  toggle(): void;
  seek(seconds: number): void;
  /** Shows the chosen track up to this moment, and with it. */
  seekToMoment(moment: number): void;
  step(unit: Unit, direction: 1 | -1): void;
  follow(): void;
  choose(track: number): void;
  setSpeed(speed: number): void;
  setLoop(isLooping: boolean): void;
  /** Calls `listener` after each change of place or state, until `signal` aborts. */
  subscribe(listener: () => void, signal: AbortSignal): void;
}

/** The place is told this often while nothing comes (ms). */
const TICK_MS = 100;
/** In a loop the end stays for so long (s). */
const END_S = 1;

export function createPlayer(inspector: Inspector, signal: AbortSignal): Player {
  const { options } = inspector;
  const playbacks: Playback[] = [];
  const listeners = new Set<() => void>();
  let mode: "paused" | "playing" | "following" = options.replay && options.playing ? "playing" : "following";
  let chosen = 0;
  let { speed, loop: isLooping } = options;
  let position = 0;
  let movedAt = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const isMoved = (track: number): boolean => inspector.options.race || track === chosen;
  const moved = (): Playback[] => playbacks.filter((_, track) => isMoved(track));
  const sources = (): Source[] => inspector.sources.filter(({ index }) => isMoved(index));
  const grows = ({ trace, hasOpened }: Source): boolean => hasOpened && !trace.hasEnded && !inspector.options.replay;
  const isLive = (): boolean => sources().some(grows);
  const secondsOf = (source: Source): number =>
    grows(source) && !inspector.gone && Number.isFinite(source.beganAt)
      ? Math.max(source.trace.length, (performance.now() - source.beganAt) / 1000)
      : source.trace.length;
  const length = (): number => Math.max(0, ...sources().map(secondsOf));
  /** Up to here it can be played: no further than what has come, where more is on its way. */
  const limit = (): number => {
    const lacking = sources().filter(({ isLoaded }) => !isLoaded);
    return lacking.length > 0 ? Math.min(...lacking.map(({ trace }) => trace.length)) : length();
  };

  const show = (isJump: boolean): void => {
    for (const playback of moved()) playback.goTo(momentsUntil(playback.trace, position), position, isJump);
  };
  const showAll = (): void => {
    for (const { index, trace } of sources()) playbacks[index]?.goTo(trace.moments.length, secondsOf(inspector.sources[index] as Source));
    position = length();
  };

  /** Moves the place on by the time that has gone by. */
  const advance = (): void => {
    const now = performance.now();
    const by = ((now - movedAt) / 1000) * speed;
    movedAt = now;
    if (mode === "following") {
      showAll();
      if (!isLive() && sources().every(({ isLoaded }) => isLoaded)) mode = "paused";
    } else if (mode === "playing") {
      position += by;
      const end = length();
      if (isLive() && position >= end) mode = "following";
      else if (position > limit() && !sources().every(({ isLoaded }) => isLoaded)) position = limit();
      show(false);
      if (mode === "playing" && !isLive()) endAt(end);
    }
  };
  const endAt = (end: number): void => {
    if (position < end || !sources().every(({ isLoaded }) => isLoaded)) return;
    if (!isLooping) {
      [mode, position] = ["paused", end];
    } else if (position >= end + END_S * speed) {
      position = 0;
      show(true);
    }
  };

  const nextDue = (): number =>
    Math.min(...moved().map(({ trace, place }) => trace.moments[place.moments]?.at ?? Infinity));
  const run = (): void => {
    clearTimeout(timer);
    if (signal.aborted) return;
    advance();
    if (mode !== "paused") {
      const wait = mode === "playing" ? ((nextDue() - position) / speed) * 1000 : Infinity;
      timer = setTimeout(run, Math.min(Math.max(wait, 0), TICK_MS));
    }
    changed();
  };
  /** Begins anew from here on, whatever was planned. */
  const restart = (): void => {
    movedAt = performance.now();
    run();
  };

  const jumpTo = (seconds: number): void => {
    position = Math.min(Math.max(seconds, 0), length());
    if (mode === "following") mode = isLive() ? "playing" : "paused";
    show(true);
    restart();
  };
  const current = (): Playback | undefined => playbacks[chosen];
  const stepTo = (moments: number): void => {
    const playback = current();
    if (!playback) return;
    mode = "paused";
    const to = Math.min(Math.max(moments, 0), playback.trace.moments.length);
    position = playback.trace.moments[to - 1]?.at ?? 0;
    for (const other of moved()) other.goTo(other === playback ? to : momentsUntil(other.trace, position), position);
    restart();
  };

  const takeSources = (): void => {
    const known = playbacks.length;
    for (const { trace } of inspector.sources.slice(known)) playbacks.push(createPlayback(trace));
    if (known > 0 && playbacks.length > known) choose(playbacks.length - 1);
  };
  const choose = (track: number): void => {
    if (!playbacks[track] || track === chosen) return;
    const wasPlaying = mode === "playing";
    chosen = track;
    if (!inspector.options.race) {
      mode = wasPlaying && !isLive() ? "playing" : "following";
      if (mode === "playing") show(true);
    }
    restart();
  };

  takeSources();
  inspector.subscribe(() => {
    takeSources();
    run();
  }, signal);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    listeners.clear();
  });
  run();

  return {
    playbacks,
    get chosen() {
      return chosen;
    },
    get position() {
      return position;
    },
    get length() {
      return length();
    },
    get isPlaying() {
      return mode !== "paused";
    },
    get isLive() {
      return isLive();
    },
    get isFollowing() {
      return mode === "following";
    },
    get speed() {
      return speed;
    },
    get isLooping() {
      return isLooping;
    },
    play() {
      if (mode !== "paused") return;
      mode = "playing";
      const isAtEnd = !isLive() && moved().every(({ place, trace }) => place.moments >= trace.moments.length);
      if (isAtEnd) jumpTo(0);
      else restart();
    },
    pause() {
      advance();
      mode = "paused";
      restart();
    },
    toggle() {
      if (mode === "paused") this.play();
      else this.pause();
    },
    seek: jumpTo,
    seekToMoment: (moment) => stepTo(moment + 1),
    step: (unit, direction) => {
      const playback = current();
      if (playback) stepTo(unit === "event" ? playback.place.moments + direction : besideToken(playback, direction));
    },
    follow() {
      mode = "following";
      restart();
    },
    choose,
    setSpeed(value) {
      advance();
      speed = value;
      restart();
    },
    setLoop(value) {
      isLooping = value;
      changed();
    },
    subscribe(listener, viewSignal) {
      if (viewSignal.aborted) return;
      listeners.add(listener);
      viewSignal.addEventListener("abort", () => listeners.delete(listener));
    },
  };
}

/** How many moments are shown where the next token has just come, or the one before. */
function besideToken({ trace, place }: Playback, direction: 1 | -1): number {
  const { tokens, moments } = trace;
  if (direction > 0) return (tokens[place.tokens]?.moment ?? moments.length - 1) + 1;
  const last = tokens[place.tokens - 1]?.moment;
  if (last === undefined) return 0;
  if (last + 1 < place.moments) return last + 1;
  const before = tokens.findLast(({ moment }) => moment < last)?.moment;
  return before === undefined ? last : before + 1;
}
