// What is pointed at comes in; that token and the others of its moment light up in the list. Only what changes is written.
import type { Pointed } from "./selection";
import type { TokenList } from "./tokenlist";
import type { Trace } from "./trace";

export interface Lights {
  show(now: Pointed, isHeld: boolean): void;
}

export function createLights(trace: Trace, list: TokenList): Lights {
  let moment: number | null = null;
  let [first, last] = [0, 0];
  let pointed: HTMLElement | undefined;

  /** `token`: one of the moment's. */
  const light = (token: number | null): void => {
    for (let at = first; at < last; at++) list.at(at)?.removeAttribute("data-lit");
    [first, last] = [0, 0];
    if (token === null) return;
    const isOf = (at: number): boolean => trace.tokens[at]?.moment === moment;
    [first, last] = [token, token];
    while (isOf(first - 1)) first -= 1;
    while (isOf(last)) last += 1;
    for (let at = first; at < last; at++) list.at(at)?.setAttribute("data-lit", "");
  };

  return {
    show(now, isHeld) {
      if (now.moment !== moment) {
        moment = now.moment;
        light(now.token);
      }
      const next = now.token === null ? undefined : list.at(now.token);
      if (pointed !== next) {
        pointed?.removeAttribute("data-pointed");
        pointed?.removeAttribute("aria-selected");
      }
      pointed = next;
      pointed?.setAttribute("data-pointed", isHeld ? "held" : "");
      pointed?.setAttribute("aria-selected", String(isHeld));
    },
  };
}
