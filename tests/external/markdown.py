#!/usr/bin/env python3
"""Reads Markdown with markdown-it: markdown.py FILE. Prints raw HTML, links that lead nowhere or where none should lead,
and tables without rows; nothing if all is well."""

import re
import sys
import unicodedata

from markdown_it import MarkdownIt

# A remark to whoever draws the table below it; a reader does not see it.
CHART = re.compile(r"<!-- chart: [a-z-]+ -->")
OUTSIDE = ("https://", "http://", "mailto:")


def slug(text):
    kept = "".join(c for c in text.lower() if c in " -_" or unicodedata.category(c)[0] in "LMN")
    return kept.replace(" ", "-")


def main(file):
    with open(file, encoding="utf-8") as source:
        text = source.read()
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    anchors, found = {}, []
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            words = "".join(
                part.content for part in tokens[index + 1].children if part.type in ("text", "code_inline")
            )
            name = slug(words)
            count = anchors.get(name, 0)
            anchors[name] = count + 1
            if count:
                anchors[f"{name}-{count}"] = 1
    for token in tokens:
        for part in [token, *(token.children or [])]:
            if part.type in ("html_block", "html_inline") and not CHART.fullmatch(part.content.strip()):
                found.append(f"raw HTML: {part.content.strip()}")
            target = part.attrGet("href") or part.attrGet("src")
            if target is None or target.startswith(OUTSIDE):
                continue
            if target.startswith("#"):
                if target[1:] not in anchors:
                    found.append(f"a link leads nowhere: {target}")
            elif ".files/" not in target:
                found.append(f"a link leads elsewhere: {target}")
    print("\n".join(sorted(set(found))))


if __name__ == "__main__":
    main(sys.argv[1])
