// The part of anywidget's page interface that we rest on, as types; and the parts of JupyterLab behind it that
// are private, so every one of them may be missing.

/** anywidget's model proxy: no comm, no id of its own (hence our `_model_id` trait). */
export interface AnyModel {
  get(name: string): unknown;
  send(content: unknown): void;
  on(name: string, callback: (...args: unknown[]) => void): void;
  off(name: string, callback: (...args: unknown[]) => void): void;
  widget_manager?: unknown;
}

export interface Host {
  getWidget(ref: string): Promise<{ exports: unknown }>;
}

/** Both are missing before anywidget 0.11 or in other hosts of its protocol. */
export interface InitializeArgs {
  model: AnyModel;
  signal?: AbortSignal;
}

export interface RenderArgs extends InitializeArgs {
  el: HTMLElement;
  host?: Host;
}

/** A Lumino signal. */
export interface Signal {
  connect(slot: (sender: unknown, value: unknown) => void): unknown;
  disconnect(slot: (sender: unknown, value: unknown) => void): unknown;
}

/** JupyterLab's kernel connection. */
export interface Kernel {
  clientId?: string;
  username?: string;
  statusChanged?: Signal;
  connectionStatusChanged?: Signal;
  sendControlMessage?(message: unknown, expectReply: boolean, disposeOnDone: boolean): { done?: Promise<unknown> } | undefined;
}

/** The widget manager of ipywidgets. */
export interface Manager {
  kernel?: Kernel | null;
  context?: {
    sessionContext?: { session?: { kernel?: Kernel | null } | null };
    model?: { cells?: { length: number; get(index: number): unknown } };
  };
  get_model?(id: string): Promise<{ comm_live?: boolean } | undefined>;
}
