// What the page can know of the kernel behind a model: whether it is still there, and its control channel, which
// is heard while a cell runs. Rests on private parts of JupyterLab, each asked for before it is used.
import type { AnyModel, Kernel, Manager } from "./anywidget";

/** Why a run has ended for this page: its kernel will not come back. */
export const GONE = "kernel gone";
const DEAD = new Set(["restarting", "autorestarting", "terminating", "dead"]);

const manager = (model: AnyModel): Manager => (model.widget_manager ?? {}) as Manager;

function kernelOf(model: AnyModel): Kernel | undefined {
  try {
    const { kernel, context } = manager(model);
    return kernel ?? context?.sessionContext?.session?.kernel ?? undefined;
  } catch {
    return undefined; // a disposed session's getters throw
  }
}

const modelId = (model: AnyModel): string => {
  const id = model.get("_model_id");
  return typeof id === "string" ? id : "";
};

/** Sends `content` as a widget message on the control channel; false where there is no such way. */
export function sendControl(model: AnyModel, content: unknown): boolean {
  const kernel = kernelOf(model);
  const comm_id = modelId(model);
  if (!comm_id || typeof kernel?.sendControlMessage !== "function") return false;
  const message = {
    channel: "control",
    header: {
      msg_id: globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
      msg_type: "comm_msg",
      date: new Date().toISOString(),
      session: kernel.clientId ?? "",
      username: kernel.username ?? "",
      version: "5.3",
    },
    parent_header: {},
    metadata: {},
    content: { comm_id, data: { method: "custom", content } },
    buffers: [],
  };
  try {
    // A comm message has no reply; the future is disposed at the kernel's idle, and then rejects `done`.
    kernel.sendControlMessage(message, false, true)?.done?.catch(() => undefined);
    return true;
  } catch {
    return false;
  }
}

/** Calls `onGone(why)` when the kernel is lost, until `signal` aborts. */
export function watchKernel(model: AnyModel, onGone: (why: string) => void, signal: AbortSignal): void {
  const checkComm = (): void => {
    void commIsLive(model).then((isLive) => {
      if (!isLive && !signal.aborted) onGone(GONE);
    });
  };
  model.on("comm_live_update", checkComm);
  signal.addEventListener("abort", () => model.off("comm_live_update", checkComm));
  checkComm(); // a model that was restored from a saved notebook has no comm from the start
  const kernel = kernelOf(model);
  connect(kernel?.statusChanged, (status) => DEAD.has(status) && onGone(GONE), signal);
  connect(
    kernel?.connectionStatusChanged,
    (status) => status === "disconnected" && onGone("no connection to the kernel"),
    signal,
  );
}

/** The proxy does not show `comm_live`, the manager's own model does. Unknown counts as live: a send will tell. */
async function commIsLive(model: AnyModel): Promise<boolean> {
  try {
    const own = await manager(model).get_model?.(modelId(model));
    return own?.comm_live !== false;
  } catch {
    return true;
  }
}

function connect(source: Kernel["statusChanged"], onValue: (value: string) => unknown, signal: AbortSignal): void {
  if (typeof source?.connect !== "function") return;
  const slot = (_: unknown, value: unknown): void => void onValue(String(value));
  source.connect(slot);
  signal.addEventListener("abort", () => source.disconnect(slot));
}
