#!/usr/bin/env python3
"""Computes answers.json and the content id again, by other programs than ours: identity.py ANSWERS SCHEMA FILES MANIFEST.

ruamel.yaml reads every scalar as it is written, the schema that `techfile schema` prints says which of them are numbers,
rfc8785 writes the result. FILES is the folder beside the Typst source, MANIFEST the manifest. Prints `same`, or what differs."""

import functools
import hashlib
import json
import pathlib
import re
import sys
from decimal import Decimal

import rfc8785
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

MARKERS = {"pending", "not_applicable", "to_follow"}
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def resolve(schema, root):
    """A place of a schema with what lies behind its references and in its branches, the nearest first."""
    layers, waiting = [], [schema]
    while waiting:
        layer = waiting.pop(0)
        if not isinstance(layer, dict):
            continue
        layers.append(layer)
        if "$ref" in layer:
            waiting.append(functools.reduce(lambda at, name: at[name], layer["$ref"].split("/")[1:], root))
        waiting.extend(layer.get("anyOf", []))
        waiting.extend(layer.get("allOf", []))
        waiting.extend(layer.get("oneOf", []))
    return layers


def below(layers, key):
    return [layer["properties"][key] for layer in layers if key in layer.get("properties", {})]


def find(layers, word):
    return [layer[word] for layer in layers if word in layer]


def plain_digits(text):
    """cli.md: digits stay as written, exponents become plain digits."""
    if re.search("[eE]", text):
        number = Decimal(text)
        return format(number, "f")
    return text


def entry(node, key):
    return next((value for name, value in node.value if name.value == key), None) if isinstance(node, MappingNode) else None


def drawn(node, path):
    """What a `$from` in the file at a path names, with whatever that draws in turn: YAML only, as the samples need it."""
    while entry(node, "$from") is not None:
        file, _, pointer = entry(node, "$from").value.partition("#")
        path = (path.parent / file).resolve() if file else path
        node = YAML(typ="safe", pure=True).compose(path.read_text(encoding="utf-8"))
        for token in pointer.split("/")[1:]:
            node, path = drawn(node, path)
            node = node.value[int(token)] if isinstance(node, SequenceNode) else entry(node, token)
    return node, path


def typed(node, schemas, root, path):
    node, path = drawn(node, path)
    layers = [layer for schema in schemas for layer in resolve(schema, root)]
    if isinstance(node, MappingNode):
        return {key.value: typed(value, below(layers, key.value), root, path) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [typed(item, find(layers, "items"), root, path) for item in node.value]
    assert isinstance(node, ScalarNode), node
    text = node.value
    if node.style is None and text in ("true", "false"):
        return text == "true"
    if "decimal" in find(layers, "format"):
        return plain_digits(text)
    if node.style is None and NUMBER.fullmatch(text) and "integer" in find(layers, "type"):
        return int(text)
    return text


def difference(ours, theirs, at=""):
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        found = (difference(ours[key], theirs[key], f"{at}/{key}") for key in ours)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        found = (difference(a, b, f"{at}/{index}") for index, (a, b) in enumerate(zip(ours, theirs)))
    else:
        return None if ours == theirs else f"{at}: {ours!r} is here {theirs!r}"
    return next(filter(None, found), None)


def collected(kind):
    """Lists of a kind that nobody writes: they are filled from other documents, and no answers file holds them."""
    schema = pathlib.Path(__file__).resolve().parents[2] / "schemas" / f"{kind}.schema.json"
    if not schema.is_file():
        return []
    properties = json.loads(schema.read_text(encoding="utf-8"))["properties"]
    return [name for name, shape in properties.items() if "x-collect" in shape]


def main(answers, schema, files, manifest):
    folder = pathlib.Path(answers).parent
    root = json.loads(pathlib.Path(schema).read_text(encoding="utf-8"))
    node = YAML(typ="safe", pure=True).compose(pathlib.Path(answers).read_text(encoding="utf-8"))
    value = typed(node, [root], root, pathlib.Path(answers))
    value.pop("sign_off", None)
    kept = pathlib.Path(files, "answers.json").read_bytes()
    for name in collected(value["kind"]):
        if name in value:
            return f"{name} is written by hand"
        value[name] = json.loads(kept)[name]
    canonical = rfc8785.dumps(value)
    if canonical != kept:
        return f"answers.json differs: {difference(json.loads(kept), value)}"

    evidence = []
    for item in value.get("evidence", []):
        data = (folder / item["file"]).read_bytes()
        evidence.append({"path": item["file"], "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)})
    content = json.loads(pathlib.Path(files, "content.json").read_text(encoding="utf-8"))
    seen = [{key: item[key] for key in ("path", "sha256", "size")} for item in content["evidence"]]
    key = lambda item: item["path"]
    if sorted(seen, key=key) != sorted(evidence, key=key):
        return f"the evidence differs: {seen} is here {evidence}"
    control = value["document"]
    again = {
        "answers": {"sha256": hashlib.sha256(canonical).hexdigest(), "size": len(canonical)},
        "document": control["id"],
        "evidence": content["evidence"],
        "format": "techfile-content/1",
        "kind": value["kind"],
        "language": control["language"],
        "revision": control["revision"],
    }
    content_id = hashlib.sha256(rfc8785.dumps(again)).hexdigest()
    named = json.loads(pathlib.Path(manifest).read_text(encoding="utf-8"))["content_id"]
    return "same" if content_id == named else f"the content id is {content_id}, not {named}"


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
