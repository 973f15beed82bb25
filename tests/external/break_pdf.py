#!/usr/bin/env python3
"""Breaks a valid PDF in many ways: break_pdf.py FILE FOLDER.

The second part of a name says which profiles validators must refuse it under, such as no-language.ua1.pdf; `none` where
they see nothing. NAME.reason says what our own structure checks must find; a file without one is for validators only. The
first, whole.none.pdf, is the file as it came, written anew: nothing may be found in it."""

import sys
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name, NameTree, Operator, String
from tagged import is_element, kids


def elements(pdf):
    waiting = [kid for kid in kids(pdf.Root.StructTreeRoot) if is_element(kid)]
    while waiting:
        element = waiting.pop(0)
        yield element
        waiting[:0] = [kid for kid in kids(element) if is_element(kid)]


def of(pdf, *roles):
    return [element for element in elements(pdf) if str(element.S)[1:] in roles]


def links(pdf):
    return [note for page in pdf.pages for note in page.get("/Annots", []) if note.get("/A", {}).get("/S") == "/URI"]


def javascript(pdf):
    pdf.Root.OpenAction = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))


def javascript_of_a_page(pdf):
    pdf.pages[0].AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))


def leads_to(address):
    def change(pdf):
        links(pdf)[0].A.URI = String(address)

    return change


def launches(pdf):
    links(pdf)[0].A = Dictionary(S=Name.Launch, F=String("/bin/sh"))


def no_language(pdf):
    del pdf.Root.Lang


def another_language(pdf):
    pdf.Root.Lang = String("fr")


def not_marked(pdf):
    del pdf.Root.MarkInfo


def relation_missing(pdf):
    for name in pdf.Root.AF:
        del name.AFRelationship


def headers_turned_cells(pdf):
    for element in of(pdf, "TH"):
        element.S = Name.TD


def no_scope(pdf):
    for element in of(pdf, "TH"):
        held = element.A if isinstance(element.A, pikepdf.Array) else [element.A]
        for part in held:
            if "/Scope" in part:
                del part["/Scope"]


def another_title(pdf):
    pdf.docinfo["/Title"] = "Another title"


def another_title_for_both(pdf):
    pdf.docinfo["/Title"] = "Another title"
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp["dc:title"] = "Another title"


def another_author(pdf):
    pdf.docinfo["/Author"] = "Mallory"


def another_date(pdf):
    pdf.docinfo["/CreationDate"] = "D:20200101000000Z"


def no_words_for_a_figure(pdf):
    del of(pdf, "Figure")[0].Alt


def blank_words_for_a_figure(pdf):
    of(pdf, "Figure")[0].Alt = String("  ")


def level_skipped(pdf):
    of(pdf, "H2")[0].S = Name.H4


def entry_renamed(pdf):
    pdf.Root.Outlines.First.Title = String("Something else")


def entry_removed(pdf):
    with pdf.open_outline() as outline:
        outline.root.pop(1)


def entries_exchanged(pdf):
    with pdf.open_outline() as outline:
        outline.root.insert(0, outline.root.pop(1))


def footer_unmarked(pdf):
    """The last page's artifacts become content that is neither tagged nor an artifact."""
    page = pdf.pages[-1]
    content = []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) in ("BMC", "BDC") and operands[0] == "/Artifact":
            operands, operator = [Name.Span], Operator("BMC")
        content.append((operands, operator))
    page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(content))


def footer_removed(pdf):
    """The last page loses the text of its artifacts."""
    page = pdf.pages[-1]
    content, opened = [], []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) in ("BMC", "BDC"):
            opened.append(operands[0] == "/Artifact")
        elif str(operator) == "EMC":
            opened.pop()
        elif any(opened) and str(operator) in ("Tj", "TJ"):
            continue
        content.append((operands, operator))
    page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(content))


def attachment_added(pdf):
    spec = pikepdf.AttachedFileSpec(pdf, b"more", filename="more.txt", mime_type="text/plain", relationship=Name.Data)
    pdf.attachments["more.txt"] = spec
    pdf.Root.AF.append(spec.obj)


def attachment_removed(pdf):
    names = NameTree(pdf.Root.Names.EmbeddedFiles)
    del names["content.json"]
    left = [spec for spec in pdf.Root.AF if str(spec.UF) != "content.json"]
    pdf.Root.AF = pikepdf.Array(left)


def attachment_changed(pdf):
    stream = NameTree(pdf.Root.Names.EmbeddedFiles)["answers.json"].EF.F
    stream.write(stream.read_bytes().replace(b"Office", b"Orifice"))


def paragraphs_exchanged(pdf):
    """Two paragraphs after the first heading change places in the tree, and stay where they are on the page."""
    top = next(kid for kid in kids(pdf.Root.StructTreeRoot) if is_element(kid))
    places = [at for at, kid in enumerate(top.K) if is_element(kid) and str(kid.S) == "/P"][-6:-4]
    one, two = top.K[places[0]], top.K[places[1]]
    top.K[places[0]], top.K[places[1]] = two, one


def paragraph_untagged(pdf):
    top = next(kid for kid in kids(pdf.Root.StructTreeRoot) if is_element(kid))
    place = [at for at, kid in enumerate(top.K) if is_element(kid) and str(kid.S) == "/P"][-6]
    del top.K[place]


def no_claim(pdf):
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        del xmp["pdfuaid:part"]


def whole(pdf):
    del pdf


# Name, what must refuse it; the change; what our checks say.
BREAKS = {
    "whole.none": (whole, ""),
    "javascript.3a": (javascript, "the document acts by itself"),
    "not-marked.3a-ua1": (not_marked, "does not say that it is tagged"),
    "no-language.ua1": (no_language, "the language is ''"),
    "relation-missing.3a": (relation_missing, "has no relation"),
    "javascript-of-a-page": (javascript_of_a_page, "a page acts by itself"),
    "link-to-javascript": (leads_to("javascript:alert(1)"), "a link leads to javascript:"),
    "link-to-a-file": (leads_to("file:///etc/passwd"), "a link leads to file:"),
    "link-launches": (launches, "an action of the sort /Launch"),
    "another-language": (another_language, "the language is 'fr'"),
    "headers-turned-cells": (headers_turned_cells, "a table without header cells"),
    "no-scope": (no_scope, "a header cell without a scope"),
    "another-title": (another_title, "three titles"),
    "another-title-for-both": (another_title_for_both, "three titles"),
    "another-author": (another_author, "the authors are"),
    "another-date": (another_date, "the dates are"),
    "no-words-for-a-figure": (no_words_for_a_figure, "a figure without words"),
    "blank-words-for-a-figure": (blank_words_for_a_figure, "a figure without words"),
    "level-skipped": (level_skipped, "a heading of level 4 follows"),
    "entry-renamed": (entry_renamed, "the outline is not the headings"),
    "entry-removed": (entry_removed, "the outline is not the headings"),
    "entries-exchanged": (entries_exchanged, "the outline is not the headings"),
    "footer-unmarked": (footer_unmarked, "neither tagged nor an artifact"),
    "footer-removed": (footer_removed, "no footer as an artifact"),
    "attachment-added": (attachment_added, "SHA256SUMS is not the sums"),
    "attachment-removed": (attachment_removed, "not attached: ['content.json']"),
    "attachment-changed": (attachment_changed, "the answers are not those of the content id"),
    "paragraphs-exchanged": (paragraphs_exchanged, "the order is not that of the Markdown"),
    "paragraph-untagged": (paragraph_untagged, "the order is not that of the Markdown"),
    "no-claim": (no_claim, "the metadata claim"),
}


def main(file, folder):
    for name, (change, reason) in BREAKS.items():
        path = Path(folder) / f"{name}.pdf"
        with pikepdf.open(file) as pdf:
            change(pdf)
            pdf.save(path, linearize=False)
        path.with_suffix(".reason").write_text(reason, encoding="utf-8")
    # What a library cannot take away.
    path = Path(folder) / "no-line-break-at-the-end.pdf"
    path.write_bytes(Path(file).read_bytes().rstrip(b"\n"))
    path.with_suffix(".reason").write_text("does not end in a line break", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
