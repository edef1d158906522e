// The player comes in, one quiet line of controls goes out: play, steps, the place as a slider, speed, loop, Live, the time.
import { h, setAttribute, setText } from "../view/dom";
import { SPEEDS } from "./options";
import type { Player, Unit } from "./player";

export interface Transport {
  readonly element: HTMLElement;
  readonly unit: Unit;
  /** Called at most once a frame. */
  update(): void;
}

/** The slider's own steps (s). */
const STEP_S = 0.001;

export function createTransport(player: Player, signal: AbortSignal): Transport {
  let unit: Unit = "token";
  const button = (name: string, label: string, text: string, act: () => void): HTMLButtonElement => {
    const element = h("button", { type: "button", class: name, "aria-label": label, title: label }, text);
    element.addEventListener("click", act, { signal });
    return element;
  };
  const play = button("play", "Play", "▶", () => player.toggle());
  const back = button("step", "Step back", "⟨", () => player.step(unit, -1));
  const on = button("step", "Step on", "⟩", () => player.step(unit, 1));
  const units = createSelect("Step by", [["token", "token"], ["event", "event"]], unit);
  units.addEventListener("change", () => (unit = units.value as Unit), { signal });
  const slider = createSlider(player, signal);
  const time = h("span", { class: "time" });
  const speed = createSelect("Speed", speeds(player.speed), String(player.speed));
  speed.addEventListener("change", () => player.setSpeed(Number(speed.value)), { signal });
  const loop = button("loop", "Loop", "↻", () => player.setLoop(!player.isLooping));
  const live = button("live", "Follow what comes", "Live", () => player.follow());
  const mode = h("span", { class: "mode" });
  const element = h(
    "div",
    { class: "transport", role: "group", "aria-label": "Player" },
    h("span", { class: "steps" }, play, back, on, units),
    slider.element,
    time,
    h("span", { class: "ways" }, mode, speed, loop, live),
  );

  return {
    element,
    get unit() {
      return unit;
    },
    update() {
      const { isPlaying, isLive, isFollowing, isLooping } = player;
      setText(play, isPlaying ? "❚❚" : "▶");
      const label = isPlaying ? "Pause" : "Play";
      for (const name of ["aria-label", "title"]) setAttribute(play, name, `${label} (space)`);
      setAttribute(loop, "aria-pressed", String(isLooping));
      setAttribute(live, "aria-pressed", String(isFollowing));
      loop.hidden = isLive;
      live.hidden = !isLive && (element.getRootNode() as Partial<ShadowRoot>).activeElement !== live;
      slider.update();
      setText(time, timeWords(player));
      setText(mode, modeWords(player));
    },
  };
}

const createSelect = (label: string, options: readonly (readonly [value: string, text: string])[], value: string): HTMLSelectElement => {
  const select = h("select", { "aria-label": label, title: label }, ...options.map(([name, text]) => h("option", { value: name }, text)));
  select.value = value;
  return select;
};

function speeds(own: number): [string, string][] {
  const all = [...new Set([...SPEEDS, own])].sort((a, b) => a - b);
  return all.map((speed) => [String(speed), `${speed}×`]);
}

function createSlider(player: Player, signal: AbortSignal) {
  const element = h("input", { type: "range", class: "place", min: "0", step: String(STEP_S), "aria-label": "Place in the stream" });
  element.addEventListener("input", () => player.seek(Number(element.value)), { signal });
  return {
    element,
    update(): void {
      const { length, position } = player;
      setAttribute(element, "max", Math.max(length, STEP_S).toFixed(3));
      const value = Math.min(position, length).toFixed(3);
      if (Number(element.value) !== Number(value)) element.value = value;
      element.style.setProperty("--ns-done", `${length > 0 ? (100 * Math.min(position, length)) / length : 0}%`);
      setAttribute(element, "aria-valuetext", placeWords(player));
    },
  };
}

const seconds = (value: number, length: number): string => (length < 1 ? value.toFixed(2) : value.toFixed(1));

export function timeWords({ position, length }: Player): string {
  return `${seconds(Math.min(position, length), length)} / ${seconds(length, length)} s`;
}

/** "3.2 s of 9.8 s, token 120 of 640" */
export function placeWords({ position, length, playbacks, chosen }: Player): string {
  const place = `${seconds(Math.min(position, length), length)} s of ${seconds(length, length)} s`;
  const playback = playbacks[chosen];
  if (!playback) return place;
  const { trace } = playback;
  const unit = trace.hasLogprobs ? "token" : "piece";
  return `${place}, ${unit} ${playback.place.tokens} of ${trace.tokens.length}`;
}

/** What the player does, in the player's words: how the run stood is said by its own line. */
export function modeWords({ isLive, isFollowing, isPlaying, position, length, speed }: Player): string {
  if (isFollowing) return ""; // Live says it
  if (isPlaying) return `replay ${speed}×`;
  return position >= length && !isLive ? "" : "paused";
}
