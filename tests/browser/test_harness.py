"""The harness itself, proved with a plain anywidget: what the other browser tests rest on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenNotebook
from .frames import Message, Traffic, lose_messages, own_message
from .jupyter import JupyterServer
from .page import FRONT_ENDS, PANEL, WAIT_MS, FrontEnd

WIDGET = '''
import anywidget, threading, time

class Probe(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      const host = document.createElement("div");
      host.className = "notebook-stream";
      const root = host.attachShadow({ mode: "open" });
      const make = (tag, part) => {
        const node = root.appendChild(document.createElement(tag));
        node.setAttribute("part", part);
        return node;
      };
      const status = make("div", "status");
      status.append("waiting");
      const button = root.appendChild(document.createElement("button"));
      button.append("Stop");
      button.onclick = () => model.send({ type: "stop" });
      const answer = make("div", "answer");
      const bar = answer.appendChild(document.createElement("span"));
      bar.setAttribute("role", "toolbar");
      bar.append("Copy code");
      model.on("msg:custom", message => {
        if (message.type === "append") answer.append(message.text);
        else status.textContent = message.type;
      });
      el.append(host);
    } }
    """

    def __init__(self):
        super().__init__()
        self.on_msg(lambda widget, message, buffers: self.send({"type": "stopped"}))

w = Probe()
w
'''
KERNEL = f"{PANEL}.sessionContext.session.kernel"
APPEND = 'for i in range(5): w.send({"type": "append", "text": f"<{i}>"})'


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_widget_is_run_read_clicked_and_saved(
    open_notebook: OpenNotebook, traffic: Traffic, front_end: FrontEnd
) -> None:
    notebook = open_notebook([WIDGET, APPEND, "print(6 * 7)"], front_end=front_end)
    notebook.run_all()
    view = notebook.view(0)
    expect(view.part("answer")).to_contain_text("<4>", timeout=WAIT_MS)
    assert view.answer == "<0><1><2><3><4>"
    assert notebook.output_text(2).strip() == "42"
    view.stop()
    expect(view.part("status")).to_have_text("stopped", timeout=WAIT_MS)
    saved = notebook.save()
    assert saved["cells"][2]["outputs"][0]["text"] == ["42\n"]
    own = traffic.own_messages()
    assert [message["text"] for message in own if message["type"] == "append"] == [f"<{i}>" for i in range(5)]
    assert 0 < sum(len(str(message)) for message in own) < traffic.received_bytes


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_interrupt_restart_reload_and_theme(
    open_notebook: OpenNotebook, page: Page, front_end: FrontEnd
) -> None:
    notebook = open_notebook(
        ["import time; time.sleep(600)", "x = 1; print(x)", "print(x)"], front_end=front_end
    )
    notebook.run(0, wait=False)
    notebook.wait_until_cell_runs(0)
    # The widgets' manager asks such things soon after opening; the answer leaves the status idle.
    page.evaluate(f"() => {{ {KERNEL}.requestCreateSubshell({{}}) }}")
    page.wait_for_function(f"() => {KERNEL}.status === 'idle'", timeout=WAIT_MS)
    notebook.wait_until_cell_runs(0)
    assert notebook.is_cell_running(0)
    notebook.interrupt()
    notebook.wait_until_cell_ended(0, raises="KeyboardInterrupt")
    notebook.run(1)
    notebook.restart()
    notebook.run(2, raises="NameError")
    notebook.set_theme("dark")
    notebook.set_theme("light")
    notebook.save()
    notebook.reload()
    assert notebook.output_text(1).strip() == "1"


def test_chosen_messages_are_lost_and_no_other(open_notebook: OpenNotebook, page: Page) -> None:
    def is_second(message: Message) -> bool:
        own = own_message(message)
        return own is not None and own.get("text") == "<2>"

    lost = lose_messages(page, is_second)
    notebook = open_notebook([WIDGET, APPEND])
    notebook.run_all()
    view = notebook.view(0)
    expect(view.part("answer")).to_contain_text("<4>", timeout=WAIT_MS)
    assert view.answer == "<0><1><3><4>"
    assert len(lost) == 1


UNREAD = """
import threading, time, zmq

kernel = get_ipython().kernel
stream = kernel.shell_channel_thread.manager._main_to_shell_channel.to_stream
send = stream._recv_callback

def send_late(message):
    time.sleep(3)  # as if the thread had to wait for its turn
    send(message)

def ask_and_leave():
    time.sleep(0.2)
    stream._recv_callback = send_late
    with zmq.Context() as context, context.socket(zmq.DEALER) as client:
        client.connect(f"tcp://127.0.0.1:{kernel.parent.shell_port}")
        kernel.session.send(client, "kernel_info_request")
        time.sleep(0.2)
        client.close(0)

threading.Thread(target=ask_and_leave).start()
"""
"""Makes the moment long in which ipykernel 7.3 misses a request: it answers a client that has left."""


@pytest.mark.whole
def test_a_request_that_the_kernel_left_unread_is_read_after_a_knock(
    open_notebook: OpenNotebook, page: Page, jupyter_server: JupyterServer
) -> None:
    notebook = open_notebook([UNREAD, "print(6 * 7)"], kernel="ipykernel-7.3")
    notebook.run(0)
    page.wait_for_timeout(1500)  # until the kernel is about to answer; nothing on the page tells it
    before = len(jupyter_server.knocks)
    notebook.run(1)
    assert notebook.output_text(1).strip() == "42"
    assert len(jupyter_server.knocks) > before
