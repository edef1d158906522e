// A request of the page goes in and reaches the kernel by the ordinary way, then by the control channel; how that
// went comes out. Knows the requests' names and nothing of runs or views.
import type { AnyModel } from "./anywidget";
import { sendControl } from "./kernel";
import type { FromPage } from "./wire";

/** Without an acknowledgement after this long the control channel is tried. */
const CONTROL_AFTER_MS = 300;
/** Measured: control messages are handled 0.3 to 1.2 s after the click. Later means that the kernel is busy. */
const BUSY_AFTER_MS = 1200;

export interface Routes {
  send(message: FromPage): void;
  /** The kernel has answered a request of this type. */
  answered(type: FromPage["type"]): void;
}

export interface RoutesOptions {
  model: AnyModel;
  signal: AbortSignal;
  onBusy(type: FromPage["type"]): void;
  onGone(): void;
}

export function createRoutes({ model, signal, onBusy, onGone }: RoutesOptions): Routes {
  const waiting = new Map<FromPage["type"], ReturnType<typeof setTimeout>>();

  const answered = (type: FromPage["type"]): void => {
    clearTimeout(waiting.get(type));
    waiting.delete(type);
  };
  signal.addEventListener("abort", () => {
    for (const type of [...waiting.keys()]) answered(type);
  });

  const send = (message: FromPage): void => {
    answered(message.type);
    try {
      model.send(message);
    } catch {
      onGone(); // a comm that is closed throws "Cannot send"
      return;
    }
    const later = (action: () => void, ms: number): void => {
      if (!signal.aborted) waiting.set(message.type, setTimeout(action, ms));
    };
    later(() => {
      sendControl(model, message);
      later(() => onBusy(message.type), BUSY_AFTER_MS - CONTROL_AFTER_MS);
    }, CONTROL_AFTER_MS);
  };

  return { send, answered };
}
