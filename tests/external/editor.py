"""What an editor with yaml-language-server shows for answers: completions at a place, and faults.

editor.py SERVER FILE: opens the file as it lies there, then with each of the texts below in place of a line, and prints
what the server says as JSON.
"""

import json
import pathlib
import subprocess
import sys
import threading

server, path = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
uri = path.as_uri()
process = subprocess.Popen([server, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
# Who waits for a server that says nothing waits for ever.
watch = threading.Timer(60, process.kill)
watch.start()
last = 0


def send(method, params, ident=None):
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    if ident is not None:
        message["id"] = ident
    body = json.dumps(message).encode()
    process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    process.stdin.flush()


def receive():
    length = 0
    while (line := process.stdout.readline().strip()) or not length:
        if not line and process.poll() is not None:
            sys.exit("the server has ended")
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    message = json.loads(process.stdout.read(length))
    if "method" in message and "id" in message:
        # The server asks for settings, or to register something.
        wanted = message["params"].get("items", []) if isinstance(message["params"], dict) else []
        answer = [settings.get(item.get("section")) for item in wanted] if wanted else None
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer}).encode()
        process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        process.stdin.flush()
        return receive()
    return message


def ask(method, params):
    global last
    last += 1
    send(method, params, last)
    while (message := receive()).get("id") != last:
        pass
    if "error" in message:
        sys.exit(f"{method}: {message['error']}")
    return message["result"]


# No catalogue of schemas from the net: what the file itself names must do.
settings = {
    "yaml": {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}},
}
ask("initialize", {"processId": None, "rootUri": path.parent.as_uri(), "capabilities": {"workspace": {"configuration": True}}})
send("initialized", {})
send("workspace/didChangeConfiguration", {"settings": settings})
text = path.read_text()
send("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
version = 1


def change(new):
    """Shows another text and gives its faults."""
    global version
    version += 1
    content = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": new}]}
    send("textDocument/didChange", content)
    return faults(version)


def faults(_version):
    while (message := receive()).get("method") != "textDocument/publishDiagnostics":
        pass
    found = message["params"]["diagnostics"]
    return [[fault["range"]["start"]["line"] + 1, fault["severity"], fault["message"]] for fault in found]


def complete(new, line, column):
    change(new)
    where = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
    found = ask("textDocument/completion", where)
    items = found["items"] if isinstance(found, dict) else found
    return sorted(item["label"] for item in items)


def line_of(part):
    return next(index for index, line in enumerate(text.splitlines()) if line.startswith(part))


opened = faults(1)
status = line_of("  status: draft")
owner = line_of("  owner: ")
lines = text.splitlines()


def with_line(index, new):
    return "\n".join([*lines[:index], new, *lines[index + 1 :]]) + "\n"


said = {
    "opened": opened,
    "keys": complete(with_line(owner, lines[owner] + "\n  "), owner + 1, 2),
    "values": complete(with_line(status, "  status: "), status, len("  status: ")),
    "wrong value": change(with_line(status, "  status: maybe")),
    "unknown key": change(with_line(owner, lines[owner] + "\n  ownr: x")),
    "status line": status + 1,
    "owner line": owner + 1,
}
send("shutdown", None, -1)
send("exit", None)
watch.cancel()
process.kill()
json.dump(said, sys.stdout)
