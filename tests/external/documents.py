#!/usr/bin/env python3
"""Answers of the toy kind that differ in what they put on pages: documents.py FOLDER PROGRAM...

Writes one file a document, with its evidence, into the folder. PROGRAM is techfile with its catalogue; it says which
digests an approval must name. Prints the names of the files."""

import io
import json
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

from PIL import Image, ImageDraw
from ruamel.yaml import YAML

WORDS = (
    "The operator reads the score, compares it with the file and writes down why the decision differs. "
    "Each step is logged with its time, and the log is kept for as long as the law asks. "
).split()


def sentence(count, start=0):
    return " ".join(WORDS[(start + at) % len(WORDS)] for at in range(count)).rstrip(".") + "."


def toy(number, title, **more):
    """The least that a toy file must answer, and what is asked of this one."""
    document = {"id": f"T-{number:03}", "title": title, "revision": "1", "date": "2026-11-20", "language": "en", "owner": "Office"}
    document.update(more.pop("document", {}))
    answers = {
        "kind": "toy",
        "document": document,
        "sign_off": {"status": "draft"},
        "toy_name": "Tower",
        "parts": [{"id": "base", "part_name": "Base"}],
        "power": {"source": "hand"},
    }
    return answers | more


def png(mode, size=(64, 48), **options):
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((4, 4, size[0] // 2, size[1] - 5), fill=(40, 80, 120))
    draw.line((0, 0, *size), fill=(10, 10, 10), width=2)
    out = io.BytesIO()
    picture.convert(mode).save(out, "PNG", **options)
    return out.getvalue()


def deep_png():
    """Sixteen bits a channel and interlaced, which Pillow does not write."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + b"".join(struct.pack(">HHH", 4000 * x, 3000 * y, 900) for x in range(16)) for y in range(16))
    head = struct.pack(">IIBBBBB", 16, 16, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(mode, **options):
    out = io.BytesIO()
    Image.open(io.BytesIO(png("RGB"))).convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


def svg(inner):
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="80" viewBox="0 0 200 80">{inner}</svg>'.encode()


SHAPES = svg(
    '<defs><linearGradient id="g"><stop offset="0" stop-color="#135"/><stop offset="1" stop-color="#9bd"/></linearGradient></defs>'
    '<rect x="5" y="5" width="90" height="60" fill="url(#g)"/><circle cx="150" cy="40" r="30" fill="#c60" fill-opacity="0.5"/>'
)
LABELS = svg('<rect width="200" height="80" fill="#eee"/><text x="10" y="40" font-size="14">input → model → output</text>')
CLIPPED = svg(
    '<clipPath id="c"><circle cx="60" cy="40" r="30"/></clipPath><g clip-path="url(#c)"><path d="M0 0h120v80H0z" fill="#246"/></g>'
    '<path d="M130 10 L190 70" stroke="#000" stroke-width="3" stroke-dasharray="6 3"/>'
)
PICTURES = {
    "grey.png": png("L"),
    "palette.png": png("P"),
    "alpha.png": png("RGBA"),
    "bits.png": png("1"),
    "grey-alpha.png": png("LA"),
    "large.png": png("RGB", (2400, 1600)),
    "tall.png": png("RGB", (60, 1500)),
    "deep.png": deep_png(),
    "colour.jpg": jpeg("RGB"),
    "grey.jpeg": jpeg("L"),
    "progressive.jpg": jpeg("RGB", progressive=True),
    "shapes.svg": SHAPES,
    "labels.svg": LABELS,
    "clipped.svg": CLIPPED,
}


def table(columns, rows, cell=lambda row, column: f"cell {row}.{column}"):
    lines = ["| " + " | ".join(f"head {column}" for column in range(columns)) + " |", "|" + " --- |" * columns]
    lines += ["| " + " | ".join(cell(row, column) for column in range(columns)) + " |" for row in range(rows)]
    return "\n".join(lines)


def nested(mark, deep):
    return "\n".join("   " * level + f"{mark} level {level + 1}: {sentence(6, level)}" for level in range(deep))


def shown(names, text="A rectangle and a line"):
    """A document that shows pictures of the evidence."""
    evidence = [{"id": f"E-{at}", "title": f"Picture {name}", "file": name, "alt": text} for at, name in enumerate(names, 1)]
    pictures = [f"{sentence(12, at)}\n\n![{text} ({name})](evidence:E-{at})" for at, name in enumerate(names, 1)]
    return {"story": "\n\n".join(pictures), "evidence": evidence}


LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
STORIES = {
    "one-line": "One line.",
    "hundred-paragraphs": "\n\n".join(sentence(60, at) for at in range(100)),
    "bullets-six-deep": nested("-", 6),
    "numbers-six-deep": nested("1.", 6),
    "lists-mixed": "1. one\n   - two\n     1. three\n        - four\n          > a quotation\n\n   after it\n2. two\n\ntext\n\n7. seven\n8. eight",
    "loose-list": "\n\n".join(f"- {sentence(30, at)}\n\n  {sentence(20, at)}" for at in range(12)),
    "tasks": "- [x] measured\n- [ ] signed\n- [x] filed\n  - [ ] in two places",
    "quotes": "> " + "\n> \n> ".join(sentence(50, at) for at in range(8)) + "\n\n> > a quotation in a quotation",
    "code": "```python\ndef score(x):\n    return 1 if x > 0.5 else 0  # a threshold\n```\n\nand `in_line` code\n\n    indented code",
    "code-over-pages": "```\n" + "\n".join(f"line {at:04}: {'x' * (at % 150)}" for at in range(160)) + "\n```",
    "mathematics": "The loss is `L = −Σ y log p`, with α ≤ 0.05, ∑ and √2 ≈ 1.414; 3 × 4 ÷ 2 ± 1, x² and H₂O.",
    "notes": "A claim[^a], another[^b] and the first again[^a].\n\n[^a]: The source of the claim, [a page](https://example.org/a).\n\n[^b]: Another *source*.",
    "notes-in-a-table": "| what | note |\n| --- | --- |\n| one | see[^t] |\n| two | none |\n\n[^t]: Below the table.",
    "links": "[a page](https://example.org/a?b=c&d=e#f), [post](mailto:office@example.org), <https://example.org/>, [old](http://example.org).",
    "long-address": "See <https://example.org/" + "a-very-long-part/" * 14 + "end> for all of it.",
    "emphasis": "*leaning*, **strong**, ***both***, ~~struck~~, `code`, **[a strong link](https://example.org)** and `**no emphasis**`.",
    "headings": "# First\n\ntext\n\n## Second\n\ntext\n\n### Third\n\ntext\n\n# Next\n\ntext",
    "breaks": "a line\\\nbroken by hand  \nand again\n\n---\n\nafter a rule",
    "long-words": f"{LONG} and {'x' * 400} and `{'identifier_' * 30}` and {LONG.upper()}.",
    "rows-300": table(4, 300),
    "rows-300-uneven": table(3, 300, lambda row, column: sentence(1 + (row * 7 + column * 5) % 40, row)),
    "one-column": table(1, 40, lambda row, column: sentence(20, row)),
    "twelve-columns": table(12, 30, lambda row, column: f"{row * column}"),
    "twelve-columns-of-words": table(12, 12, lambda row, column: WORDS[(row + column) % len(WORDS)]),
    "empty-cells": table(4, 30, lambda row, column: "" if (row + column) % 2 else "x"),
    "one-row": table(2, 1),
    "long-cells": table(2, 6, lambda row, column: sentence(400 if column else 4, row)),
    "rich-cells": table(3, 10, lambda row, column: ("**strong**", "`a|b`".replace("|", "\\|"), "[link](https://example.org)")[column]),
    "tables-beside-each-other": "\n\n".join(f"{sentence(10, at)}\n\n{table(2 + at % 5, 8)}" for at in range(12)),
    "table-in-a-list": "1. one\n\n   | a | b |\n   | --- | --- |\n   | 1 | 2 |\n\n2. two",
    "table-in-a-quote": "> | a | b |\n> | --- | --- |\n> | 1 | 2 |\n>\n> after it",
    "symbols": "§ 5 ¶ 2 † ‡ • … ‰ € £ © ® ™ « » „ “ ” ‚ ‘ ’ – — ½ ¼ ¾ ← → ↑ ↓",
    "greek": "Τα συστήματα τεχνητής νοημοσύνης υψηλού κινδύνου. Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. ΆΈΉΊΌΎΏ ΐΰϊϋ",
    "bulgarian": "Системи с изкуствен интелект. Ах чудна българска земьо, полюшвай цъфтящи жита. ЪЬЮЯЩЖЧШ ѝ",
}


def documents(letters):
    """Name and answers of each document."""
    yield "empty", toy(0, "Nothing but what must be")
    yield "pending", toy(1, "Everything is still to come", toy_name={"pending": {"what": "the name", "owner": "Ada", "due": "2027-01-31"}},
                         story={"pending": "the story"}, parts={"pending": "the parts"}, power={"pending": "the power"},
                         weight={"pending": "the weight"}, drops={"pending": "the drop tests"}, declaration={"to_follow": "conformity-assessment"})
    yield "not-applicable", toy(2, "Nothing applies", story={"not_applicable": "nobody plays with it"},
                                declaration={"to_follow": "conformity-assessment"}, drops={"not_applicable": "it cannot drop"},
                                weight={"not_applicable": "it has no weight"})
    yield "long-title", toy(3, (LONG + " " + sentence(40))[:300].strip(), document={"classification": "strictly confidential " * 5,
                            "authors": [f"Author number {at}" for at in range(20)], "owner": "The office " * 15})
    yield "revisions", toy(4, "Forty revisions", document={"revision": "40", "revisions": [
        {"revision": str(at), "date": f"2026-{1 + at // 5:02}-{1 + at % 5:02}", "author": "Ada Doe", "summary": sentence(9, at)} for at in range(1, 41)]})
    drops = [{"height": f"{at} m", "floor": "wood" if at % 3 else "stone", "dents": at, "at_most": 299, "wanted": "lower",
              "outcome": "met" if at <= 299 else "missed"} for at in range(1, 301)]
    yield "drops-300", toy(5, "Three hundred drops", drops=drops)
    yield "parts-200", toy(6, "Two hundred parts", parts=[{"id": f"p-{at}", "part_name": sentence(3, at)} |
                           ({"sits_on": f"p-{at - 1}"} if at else {}) for at in range(200)])
    yield "battery", toy(7, "By battery", power={"source": "battery", "cells": "two AAA cells", "note": "rechargeable"}, weight=0.910,
                         pieces=5, washable=False, made="2026-11-01", sold="2026-11-02", serial="T-0001", box_name="Tower")
    yield "in-review", toy(8, "Under review", sign_off={"status": "in-review"}, story="A story.", document={"authors": ["Ada Doe", "Jan Smit"]})
    yield "approved", toy(9, "Approved", sign_off={"status": "approved"}, story="A story.", weight=0.5, document={"authors": ["Ada Doe"]})
    yield "markup-in-names", toy(10, "<b>*Stars*</b> & _lines_ #1 $x$ \\ \"quoted\" 'so'", toy_name="`a` | b [c](d) <e>",
                                 document={"authors": ["A. <Müller> & Söhne"], "owner": "R&D"})
    yield "attached", toy(11, "With attachments", **{"evidence": [
        {"id": f"E-{at:02}", "title": f"File {at}", "file": name, "attach": True, "date": "2026-11-01", "signed_by": "Ada Doe"}
        for at, name in enumerate(("a.txt", "b.csv", "c.json", "d.md", "e.xml", "noending"), 1)], "proof": [f"E-{at:02}" for at in range(1, 7)]})
    yield "everything", toy(13, "One of everything", document={"authors": ["Ada Doe", "Jan Smit"]}, weight=0.91, drops=drops[:3], proof=["E-1"],
                            story=f"{sentence(30)}\n\n## A heading\n\n{sentence(20, 7)}\n\n{STORIES['links']}\n\n![Bars](evidence:E-1)\n\n{table(2, 3)}",
                            evidence=[{"id": "E-1", "title": "A picture", "file": "colour.jpg", "alt": "Bars", "attach": True}])
    yield "five-hundred-pages", toy(12, "Five hundred pages", story="\n\n".join(sentence(95, at) for at in range(1950)), parts=[
        {"id": f"p-{at}", "part_name": sentence(45, at)} for at in range(3300)], drops=[{"height": f"{at} m", "dents": at} for at in range(1000)])
    for number, (name, story) in enumerate(STORIES.items(), 20):
        yield name, toy(number, f"A document of {name.replace('-', ' ')}", story=story)
    groups = {
        "pictures-png": [name for name in PICTURES if name.endswith(".png")],
        "pictures-jpeg": [name for name in PICTURES if name.endswith((".jpg", ".jpeg"))],
        "pictures-svg": [name for name in PICTURES if name.endswith(".svg")],
        "pictures-all": list(PICTURES),
    }
    for number, (name, files) in enumerate(groups.items(), 70):
        yield name, toy(number, name.capitalize(), **shown(files))
    yield "picture-in-a-table", toy(75, "Pictures in cells", **shown(["colour.jpg"]) | {
        "story": "| what | picture |\n| --- | --- |\n| one | ![A bar](evidence:E-1) |\n\n- ![A bar](evidence:E-1)\n\n> ![A bar](evidence:E-1)"})
    for number, (language, text) in enumerate(letters.items(), 80):
        yield f"letters-{language}", toy(number, f"{language}: {text[:80]}".strip(), toy_name=text, box_name=text, story=f"# {text}\n\n{text}\n\n- {text}\n\n`{text}`")


def write(folder, name, answers):
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def approve(program, path, folder, name, answers):
    person = {"by": "Ada Smit", "role": "Head of Quality", "date": "2026-11-20"}
    asked = [*program, "sign-off", str(path), *(word for key, value in person.items() for word in (f"--{key}", value))]
    said = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    digests = {key: re.search(rf'\b{key}: "([0-9a-f]{{64}})"', said)[1] for key in ("content_id", "body")}
    answers["sign_off"] = {"status": "approved", "approvals": [person | digests]}
    write(folder, name, answers)


def main(folder, *program):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in PICTURES.items():
        (folder / name).write_bytes(data)
    for name in ("a.txt", "b.csv", "c.json", "d.md", "e.xml", "noending"):
        (folder / name).write_text(f"The file {name}.\n", encoding="utf-8")
    with open(Path(__file__).with_name("letters.yaml"), encoding="utf-8") as text:
        letters = {entry["code"]: entry["text"] for entry in YAML(typ="safe").load(text)["languages"]}
    for name, answers in documents(letters):
        path = write(folder, name, answers)
        if answers["sign_off"]["status"] == "approved":
            approve(program, path, folder, name, answers)
        print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
