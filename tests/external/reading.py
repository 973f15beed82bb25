"""The words of a document's Markdown in reading order, by a parser that is not ours."""

import re

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin
from tagged import letters

CHART = re.compile(r"<!-- chart: [a-z-]+ -->\s*")
TASK = re.compile(r"\A\[[ xX]\]\s")


def parser():
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).use(footnote_plugin)


def inline(token):
    """What a reader reads of a line: no pictures, no marks of notes."""
    return "".join(
        part.content for part in token.children or [] if part.type in ("text", "code_inline", "html_inline", "text_special")
    )


def blocks(markdown):
    """The letters of each block from the first heading of the second level on, notes and comments left out."""
    body = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.S)
    started, above = False, []
    for token in parser().parse(body):
        if token.type == "footnote_block_open":
            return
        if token.type.endswith("_open"):
            above.append(token.type)
            started = started or (token.type == "heading_open" and token.tag == "h2")
        elif token.type.endswith("_close"):
            above.pop()
        text = ""
        if token.type == "inline":
            text = inline(token)
            if "list_item_open" in above:
                text = TASK.sub("", text)
        elif token.type in ("fence", "code_block"):
            text = token.content
        elif token.type == "html_block":
            text = CHART.sub("", token.content)
        if started and letters(text):
            yield letters(text)
