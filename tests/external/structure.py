#!/usr/bin/env python3
"""What no validator asks of a PDF: structure.py FILE MANIFEST. Prints one line a fault; exit code 1 if there is one."""

import json
import sys

import pikepdf

ALLOWED = ("https://", "http://", "mailto:")


def kids(element):
    below = element.get("/K", [])
    for kid in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid


def walk(element, above=()):
    yield element, above
    for kid in kids(element):
        yield from walk(kid, (*above, element))


def role(pdf, element):
    name = str(element.S)[1:]
    roles = pdf.Root.StructTreeRoot.get("/RoleMap", {})
    mapped = roles.get("/" + name)
    return str(mapped)[1:] if mapped is not None else name


def faults(pdf, manifest):
    root = pdf.Root.StructTreeRoot
    elements = [pair for top in kids(root) for pair in walk(top)]
    levels = []
    tables = 0
    for element, above in elements:
        kind = role(pdf, element)
        if len(kind) == 2 and kind[0] == "H" and kind[1].isdigit():
            levels.append(int(kind[1]))
        if kind == "Figure" and not str(element.get("/Alt", "")).strip():
            yield "a figure without words"
        if kind == "Table":
            tables += 1
            below = [role(pdf, part) for part, _ in walk(element)]
            if "TH" not in below:
                yield "a table without header cells"
            if "THead" not in below:
                yield "a table without a head"
    if not levels or levels[0] != 1:
        yield f"the first heading is no H1: {levels[:3]}"
    for before, now in zip(levels, levels[1:]):
        if now > before + 1:
            yield f"a heading of level {now} follows one of level {before}"
    if not tables:
        yield "no table is tagged as one"

    language = str(pdf.Root.get("/Lang", ""))
    if language != manifest["document"]["language"]:
        yield f"the language is {language!r}, not {manifest['document']['language']!r}"
    with pdf.open_metadata() as xmp:
        title = xmp.get("dc:title")
        keywords = xmp.get("pdf:Keywords", "")
    if str(pdf.docinfo.get("/Title")) != title:
        yield f"two titles: {pdf.docinfo.get('/Title')} and {title}"
    if not pdf.Root.ViewerPreferences.DisplayDocTitle:
        yield "the window does not show the title"
    if manifest["content_id"] not in keywords:
        yield "the keywords lack the content id"

    for page in pdf.pages:
        for note in page.get("/Annots", []):
            action = note.get("/A")
            if action is None:
                continue
            if str(action.S) == "/URI" and not str(action.URI).startswith(ALLOWED):
                yield f"a link leads to {action.URI}"
            if str(action.S) not in ("/URI", "/GoTo"):
                yield f"an action of the sort {action.S}"
    for name in ("/OpenAction", "/AA"):
        if name in pdf.Root:
            yield f"the document acts by itself: {name}"
    names = pdf.Root.get("/Names", {})
    if "/JavaScript" in names:
        yield "JavaScript"


def main(file, manifest):
    with open(manifest, encoding="utf-8") as text, pikepdf.open(file) as pdf:
        found = sorted(set(faults(pdf, json.load(text))))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
