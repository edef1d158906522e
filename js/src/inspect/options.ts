// How the inspector was asked for: whatever its trait holds comes in, known settings go out.
import { isRecord } from "../check";

export const VIEWS = ["answer", "tokens", "timing", "wire"] as const;
export type ViewName = (typeof VIEWS)[number];

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10] as const;

export interface Options {
  view: ViewName;
  /** 0.1 to 10 times as fast as it came. */
  speed: number;
  loop: boolean;
  /** Large type. */
  projector: boolean;
  /** Tracks side by side and in step. */
  race: boolean;
  /** Whether a replay begins by itself. */
  playing: boolean;
  /** Whether it shows recordings: nothing of them comes live. */
  replay: boolean;
  /** What could not be done, in a sentence. */
  remark: string;
}

export function optionsOf(value: unknown): Options {
  const given = isRecord(value) ? value : {};
  const speed = Number(given["speed"] ?? 1);
  return {
    view: VIEWS.find((name) => name === given["view"]) ?? "answer",
    speed: Number.isFinite(speed) && speed > 0 ? Math.min(Math.max(speed, 0.1), 10) : 1,
    loop: given["loop"] === true,
    projector: given["projector"] === true,
    race: given["race"] === true,
    playing: given["playing"] === true,
    replay: given["replay"] === true,
    remark: typeof given["remark"] === "string" ? given["remark"] : "",
  };
}
