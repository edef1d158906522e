// Keys pressed anywhere in the inspector come in and move the player; what a control or a view has used itself is left to
// it. None goes on to the notebook.
import type { Player, Unit } from "./player";

/** Where keys write, choose or press something themselves. */
const WRITES = "input:not([type=range]), textarea, select, [contenteditable]";
const PRESSES = "button, a[href], summary, [role=option], [role=treeitem], [role=button]";

/** Listens on `root`; `unit` is what an arrow steps by. */
export function movePlayer(root: ShadowRoot, player: Player, unit: () => Unit, signal: AbortSignal): void {
  const onKey = (event: KeyboardEvent): void => {
    const [target] = event.composedPath();
    if (event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (!(target instanceof Element) || target.closest(WRITES)) return;
    if (!act(event, target)) return;
    event.preventDefault();
  };
  const act = (event: KeyboardEvent, target: Element): boolean => {
    switch (event.key) {
      case " ":
        if (target.closest(PRESSES)) return false;
        player.toggle();
        return true;
      case "ArrowLeft":
      case "ArrowRight":
        player.step(event.shiftKey ? "event" : unit(), event.key === "ArrowLeft" ? -1 : 1);
        return true;
      case "Home":
        player.seek(0);
        return true;
      case "End":
        if (player.isLive) player.follow();
        else player.seek(player.length);
        return true;
      default:
        return false;
    }
  };
  root.addEventListener("keydown", onKey as EventListener, { signal });
}
