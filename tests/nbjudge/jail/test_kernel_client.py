"""What a kernel sends is checked before anything of Jupyter's relies on it (attacks 8, 38, 39)."""

from __future__ import annotations

import pytest
from nbjudge.jail.kernel_client import _well_formed


def message(kind: str, content: object, **more: object) -> dict[str, object]:
    return {"msg_type": kind, "header": {}, "parent_header": {"msg_id": "a"}, "metadata": {}, "content": content, **more}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdout", "text": "a"}),
        ("display_data", {"data": {"text/plain": "a"}, "metadata": {}}),
        ("execute_result", {"data": {"text/plain": "a"}, "metadata": {}, "execution_count": 1}),
        ("error", {"ename": "E", "evalue": "v", "traceback": ["a"]}),
        ("status", {"execution_state": "idle"}),
        ("execute_reply", {"status": "ok", "execution_count": 1}),
        ("kernel_info_reply", {"status": "ok"}),
    ],
)
def test_what_jupyter_sends_passes(kind, content):
    assert _well_formed(message(kind, content))


@pytest.mark.parametrize(
    "bad",
    [
        message("stream", {"name": "stdout"}),
        message("stream", {"name": "stdlog", "text": "a"}),
        message("stream", {"name": "stdout", "text": ["a"]}),
        message("display_data", {"data": "a", "metadata": {}}),
        message("display_data", {"data": {"text/plain": 5}, "metadata": {}}),
        message("execute_result", {"metadata": {}}),
        message("error", {"ename": "E", "evalue": "v", "traceback": "a"}),
        message("error", {"ename": 1, "evalue": "v", "traceback": []}),
        message("execute_reply", {"status": "error"}),
        message("status", {"execution_state": None}),
        message("comm_open", {"comm_id": "x", "target_name": "jupyter.widget", "data": {}}),
        message("stream", []),
        message("update_display_data", {"data": {"text/plain": "100"}, "metadata": {}, "transient": {"display_id": "x"}}),
        message("input_request", {"prompt": "", "password": False}),
        message("made_up", {}),
        message("stream", {"name": "stdout", "text": "a"}, parent_header=None),
        message("stream", {"name": "stdout", "text": "a"}, parent_header={"msg_id": 5}),
        {"msg_type": 5},
    ],
)
def test_what_would_break_jupyter_does_not(bad):
    assert not _well_formed(bad)


def test_forged_messages_reach_nobody(start):
    box = start()
    answer = box.run(
        "from IPython import get_ipython\n"
        "kernel = get_ipython().kernel\n"
        "thread = kernel.iopub_thread\n"
        "unsigned = [b'<IDS|MSG>', b'no', b'{}', b'{}', b'{}', b'{}']\n"
        "for frames in ([b'stream'], [b'stream', b'<IDS|MSG>'], unsigned, [b'x'] * 50):\n"
        "    thread.send_multipart(frames)\n"
        "send = kernel.session.send\n"
        "for kind, content in (('stream', {}), ('error', {'ename': 1}), ('display_data', {'data': 5}),\n"
        "                      ('comm_open', {}), ('status', {}), ('made_up', {'a': 1})):\n"
        "    send(kernel.iopub_socket, kind, content, parent=kernel.get_parent())\n"
        "import json\n"
        "head = kernel.session.msg_header('stream')\n"
        "head['date'] = str(head['date'])\n"
        "head = [json.dumps(part).encode() for part in (head, {'msg_id': 'a'})]\n"
        "for content in (b'[]', b'5', b'[' * 100000 + b']' * 100000, b'NaN', b'no', bytes([255])):\n"
        "    parts = [*head, b'{}', content]\n"
        "    thread.send_multipart([b'stream', b'<IDS|MSG>', kernel.session.sign(parts), *parts])\n"
        "print('after')"
    )
    assert (answer.status, answer.text) == ("ok", "after\n"), answer
    assert box.run("6 * 7").text == "42"
