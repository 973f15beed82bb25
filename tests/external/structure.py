#!/usr/bin/env python3
"""What no validator asks of a PDF: structure.py [--beside FOLDER/STEM] FILE...

The Markdown and the manifest lie beside each file, or are those of the stem that is given. Prints a line a fault, the name
of the file first; exit code 1 if there is one."""

import hashlib
import json
import sys
from itertools import pairwise
from pathlib import Path

import pikepdf
from reading import blocks
from tagged import letters, tree

ALLOWED = ("https://", "http://", "mailto:")
CORE = {"SHA256SUMS", "answers.json", "content.json", "manifest.json"}
# Which words a PDF has that the Markdown has in another place or not at all.
ASIDE = ("TOC", "Lbl", "Figure", "Note")


def level(element):
    name = element.role
    return int(name[1:]) if len(name) == 2 and name[0] == "H" and name[1].isdigit() else 0


def headings(elements):
    found = [element for element in elements if level(element)]
    levels = [level(element) for element in found]
    if not levels or levels[0] != 1:
        yield f"the first heading is no H1: {levels[:3]}"
    for before, now in pairwise(levels):
        if now > before + 1:
            yield f"a heading of level {now} follows one of level {before}"
    if any(not letters(element.text()) for element in found):
        yield "a heading without words"


def entries(items):
    for item in items:
        yield letters(item.title)
        yield from entries(item.children)


def outline(pdf, elements, contents):
    """The outline is the headings: their words in their order, that of the list of contents left out."""
    with pdf.open_outline() as found:
        listed = list(entries(found.root))
    headed = [letters(element.text()) for element in elements if level(element) and element is not contents]
    if listed != headed:
        place = next((at for at, pair in enumerate(zip(listed, headed)) if pair[0] != pair[1]), min(len(listed), len(headed)))
        yield f"the outline is not the headings: {listed[place : place + 1]} and {headed[place : place + 1]}"


def tables(elements):
    found = [element for element in elements if element.role == "Table"]
    for table in found:
        below = list(table.walk())
        heads = [element for element in below if element.role == "TH"]
        if not heads:
            yield "a table without header cells"
        if not any(element.role == "THead" for element in below):
            yield "a table without a head"
        if any(str(head.attribute("/Scope")) not in ("/Column", "/Row", "/Both") for head in heads):
            yield "a header cell without a scope"
    if not found:
        yield "no table is tagged as one"


def figures(elements):
    for element in elements:
        if element.role in ("Figure", "Formula") and not element.alt.strip():
            yield "a figure without words"


def metadata(pdf, manifest, answers):
    document = answers["document"]
    language = str(pdf.Root.get("/Lang", ""))
    if language != manifest["document"]["language"]:
        yield f"the language is {language!r}, not {manifest['document']['language']!r}"
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        title, authors, languages = xmp.get("dc:title"), xmp.get("dc:creator", []), xmp.get("dc:language", set())
        keywords, created = xmp.get("pdf:Keywords", ""), xmp.get("xmp:CreateDate", "")
        parts = [xmp.get(name) for name in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")]
    if str(pdf.docinfo.get("/Title")) != title or title != document["title"]:
        yield f"three titles: {pdf.docinfo.get('/Title')}, {title} and {document['title']}"
    wanted = document.get("authors", [])
    if ", ".join(authors) != ", ".join(wanted) or str(pdf.docinfo.get("/Author", "")) != ", ".join(wanted):
        yield f"the authors are {list(authors)} and {pdf.docinfo.get('/Author')}, not {wanted}"
    if set(languages) != {manifest["document"]["language"]}:
        yield f"the language of the metadata is {languages}"
    date = manifest["document"]["date"]
    if not created.startswith(date) or not str(pdf.docinfo.get("/CreationDate")).startswith(f"D:{date.replace('-', '')}"):
        yield f"the dates are {created} and {pdf.docinfo.get('/CreationDate')}, not {date}"
    if parts != ["3", "A", "1"]:
        yield f"the metadata claim {parts}, not PDF/A-3a and PDF/UA-1"
    if manifest["content_id"] not in keywords:
        yield "the keywords lack the content id"
    if not pdf.Root.get("/MarkInfo", {}).get("/Marked", False):
        yield "the document does not say that it is tagged"
    if not pdf.Root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False):
        yield "the window does not show the title"


def actions(pdf):
    for page in pdf.pages:
        if "/AA" in page:
            yield "a page acts by itself"
        for note in page.get("/Annots", []):
            if note.get("/FT") == "/Sig":
                continue
            action = note.get("/A")
            if note.get("/Subtype") != "/Link":
                yield f"an annotation of the sort {note.get('/Subtype')}"
            elif not str(note.get("/Contents", "")).strip():
                yield "a link without words of its own"
            if action is None:
                continue
            if str(action.S) == "/URI" and not str(action.URI).startswith(ALLOWED):
                yield f"a link leads to {action.URI}"
            if str(action.S) not in ("/URI", "/GoTo"):
                yield f"an action of the sort {action.S}"
    for name in ("/OpenAction", "/AA"):
        if name in pdf.Root:
            yield f"the document acts by itself: {name}"
    if "/JavaScript" in pdf.Root.get("/Names", {}):
        yield "JavaScript"
    if "/XFA" in pdf.Root.get("/AcroForm", {}):
        yield "a form that scripts may drive"


def attachments(pdf, manifest_file):
    """Exactly the files of the document and what the answers ask to attach, each with its sum and its relation."""
    held = {}
    for name, spec in pikepdf.NameTree(pdf.Root.Names.EmbeddedFiles).items():
        stream = spec.EF.F
        held[name] = stream.read_bytes()
        if str(spec.get("/AFRelationship", "")) not in ("/Source", "/Data", "/Supplement", "/Unspecified", "/Alternative"):
            yield f"the attachment {name} has no relation to the document"
        if "/Subtype" not in stream or str(spec.UF) != name:
            yield f"the attachment {name} has no type or another name"
    related = {str(spec.UF) for spec in pdf.Root.get("/AF", [])}
    if related != set(held):
        yield f"attached {sorted(held)}, related {sorted(related)}"
    if not CORE <= set(held):
        yield f"not attached: {sorted(CORE - set(held))}"
        return
    digest = {name: hashlib.sha256(data).hexdigest() for name, data in held.items()}
    listed = dict(reversed(line.split("  ", 1)) for line in held["SHA256SUMS"].decode().splitlines())
    if listed != {name: sum for name, sum in digest.items() if name != "SHA256SUMS"}:
        yield "SHA256SUMS is not the sums of the attachments"
    if held["manifest.json"] != manifest_file:
        yield "another manifest is attached"
    answers = json.loads(held["answers.json"])
    wanted = {
        item["id"] + (Path(item["file"]).suffix if "." in item["file"] else "")
        for item in answers.get("evidence", [])
        if item.get("attach") is True
    }
    if set(held) - CORE != wanted:
        yield f"attached as evidence {sorted(set(held) - CORE)}, asked for {sorted(wanted)}"
    content = json.loads(held["content.json"])
    if content["answers"]["sha256"] != digest["answers.json"] or digest["content.json"] != json.loads(manifest_file)["content_id"]:
        yield "the answers are not those of the content id"


def artifacts(pages, manifest, data):
    """Footers and watermarks are on the pages and nowhere in the tree; nothing is neither."""
    content = manifest["content_id"][:16]
    without = [number for number, text in enumerate(pages.artifacts, 1) if content not in text]
    # The cover has none; a long title makes it go over a second page.
    if without not in ([], [1], [1, 2]):
        yield f"no footer as an artifact on pages {without}"
    if pages.loose:
        yield f"content that is neither tagged nor an artifact: {pages.loose[0]!r}"
    # Words of the language, or of the house.
    marks = {name: "".join(data["words"][f"watermark_{name}"].split()) for name in ("draft", "in_review")}
    state = manifest["sign_off"]["status"].replace("-", "_")
    bare = [number for number, text in enumerate(pages.artifacts, 1) if marks.get(state, "") not in text]
    if bare:
        yield f"no watermark {marks[state]} on pages {bare}"
    if state == "approved" and any(word in text for text in pages.artifacts for word in marks.values()):
        yield "an approved document bears a watermark"


def order(tops, contents, markdown):
    """The tree has the words of the Markdown in its order, from the first heading on; after them only the stamp."""
    parts = [element for top in tops for element in top.elements()]
    first = next((at for at, element in enumerate(parts) if level(element)), len(parts))
    read = [element for element in parts[first:] if element is not contents and element.role not in ASIDE]
    tagged = letters("".join(element.text(ASIDE) for element in read))
    at = 0
    for block in blocks(markdown):
        if not tagged.startswith(block, at):
            yield f"the order is not that of the Markdown: {block[:60]!r} and {tagged[at : at + 60]!r}"
            return
        at += len(block)


def faults(file, beside):
    manifest_file = beside.with_name(beside.name + ".manifest.json").read_bytes()
    markdown = beside.with_name(beside.name + ".md").read_text(encoding="utf-8")
    manifest = json.loads(manifest_file)
    if not file.read_bytes().endswith(b"%%EOF\n"):
        yield "the file does not end in a line break after %%EOF"
    with pikepdf.open(file) as pdf:
        if "/StructTreeRoot" not in pdf.Root:
            yield "the document is not tagged"
            return
        tops, pages = tree(pdf)
        elements = [element for top in tops for element in top.walk()]
        # The list of contents has a heading that is none of the Markdown.
        contents = next((one for one, two in pairwise(elements_of(tops)) if level(one) and two.role == "TOC"), None)
        folder = beside.with_name(beside.name + ".files")
        answers, data = (json.loads((folder / name).read_bytes()) for name in ("answers.json", "document.json"))
        yield from headings(elements)
        yield from outline(pdf, elements, contents)
        yield from tables(elements)
        yield from figures(elements)
        yield from metadata(pdf, manifest, answers)
        yield from actions(pdf)
        yield from attachments(pdf, manifest_file)
        yield from artifacts(pages, manifest, data)
        yield from order(tops, contents, markdown)


def elements_of(tops):
    return [element for top in tops for element in top.elements()]


def main(arguments):
    beside = None
    if arguments[:1] == ["--beside"]:
        beside, arguments = Path(arguments[1]), arguments[2:]
    broken = False
    for name in arguments:
        file = Path(name)
        for fault in dict.fromkeys(faults(file, beside or file.with_suffix(""))):
            broken = True
            print(f"{file.name}: {fault}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
