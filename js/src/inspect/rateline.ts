// Tokens per second over time, as a line of a sliding window.
import { px, s, setAll, type Size } from "./plot";
import { figure, ticksUntil } from "./scales";
import { createTimePlot, type Reactions, type TimePlot } from "./timeplot";
import { RATE_STEPS, type Timing } from "./timingmodel";

export interface RateLine {
  readonly plot: TimePlot;
  draw(timing: Timing, size: Size): void;
}

export function createRateLine(reactions: Reactions, signal: AbortSignal): RateLine {
  const plot = createTimePlot("rates", 84, 8, reactions, signal);
  const fill = s("path", { class: "fill" });
  const line = s("path", { class: "line" });
  plot.marks.append(fill, line);
  return {
    plot,
    draw(timing, size) {
      const { rates, rateEnd } = timing;
      plot.frameTime(timing, size, ticksUntil(rateEnd, RATE_STEPS).map((value) => ({ at: value / rateEnd, label: figure(value) })));
      const points = rates.map(({ at, perSecond }) => `${px(plot.xOf(at))} ${px(plot.area.y(perSecond / rateEnd))}`);
      const [first, last] = [rates[0], rates.at(-1)];
      const path = points.length > 0 ? `M${points.join("L")}` : "";
      setAll(line, { d: path });
      setAll(fill, { d: first && last ? `${path}V${px(plot.area.bottom)}H${px(plot.xOf(first.at))}z` : "" });
    },
  };
}
