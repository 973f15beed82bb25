#!/usr/bin/env python3
"""Attacks on releases: attacks.py FIXTURES OUT, where FIXTURES is what releases.py made.

Each attack is a copy of the tower's releases with one change, in a folder of its own. Prints what must find it, a line for
each script, with tabs: folder, revision, arguments of the script, words of the sentence that it must say. Where a change
is `covered`, everything that a careful attacker can compute anew was: sidecar, statement, SHA256SUMS."""

import hashlib
import json
import os
import re
import shutil
import sys
from pathlib import Path

import pikepdf
import rfc8785
from pikepdf import AttachedFileSpec, Name
from pyhanko.pdf_utils import generic
from sign import Writer

DOC = "T-100"


def digest(data):
    return hashlib.sha256(data).hexdigest()


def cover(folder):
    """Computes anew whatever lies beside a changed file."""
    stem = folder / "tower"
    end = lambda suffix: stem.with_name(f"tower.{suffix}")
    old = re.match(rb"[0-9a-f]{64}", end("pdf.sha256").read_bytes())[0]
    new = digest(end("pdf").read_bytes()).encode()
    sidecar = "".join(f"{digest(end(suffix).read_bytes())}  tower.{suffix}\n" for suffix in ("pdf", "md", "typ", "manifest.json"))
    end("pdf.sha256").write_text(sidecar)
    end("intoto.json").write_bytes(end("intoto.json").read_bytes().replace(old, new))
    sums(folder)


def sums(folder):
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    lines = [f"{digest((folder / name).read_bytes())}  {name}\n" for name in sorted(files, key=str.encode) if name != "SHA256SUMS"]
    (folder / "SHA256SUMS").write_text("".join(lines))


# --- Changes of a PDF ---------------------------------------------------------------------------------------------


def saved(path, change):
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(path, fix_metadata_version=False)


def swap(name, data):
    def change(pdf):
        pdf.attachments[name] = AttachedFileSpec(pdf, data, filename=name)

    return lambda path: saved(path, change)


def swap_answers(path):
    """Other answers, and sums that fit them: the attachments agree among themselves."""

    def change(pdf):
        data = pdf.attachments["answers.json"].get_file().read_bytes().replace(b'"Stacking tower"', b'"Staggering tower"')
        assert b"Staggering" in data
        lines = pdf.attachments["SHA256SUMS"].get_file().read_bytes()
        lines = re.sub(rb"[0-9a-f]{64}(?=  answers.json)", digest(data).encode(), lines)
        pdf.attachments["answers.json"] = AttachedFileSpec(pdf, data, filename="answers.json")
        pdf.attachments["SHA256SUMS"] = AttachedFileSpec(pdf, lines, filename="SHA256SUMS")

    saved(path, change)


def one_more(path):
    saved(path, lambda pdf: pdf.attachments.__setitem__("more.txt", AttachedFileSpec(pdf, b"more\n", filename="more.txt")))


def one_less(path):
    saved(path, lambda pdf: pdf.attachments.__delitem__("E-2.csv"))


def text(number, footer=False):
    """Another word in a heading, or another id at the foot of a page: glyphs change places, as any PDF editor would do it."""

    def change(pdf):
        page = pdf.pages[number]
        content = pikepdf.parse_content_stream(page)
        shown = [at for at, (operands, operator) in enumerate(content) if str(operator) in ("Tj", "TJ")]
        assert shown
        # Glyphs of the foot come last on the page.
        for at in shown[-12:] if footer else shown[:1]:
            operands, operator = content[at]
            content[at] = pikepdf.ContentStreamInstruction([turned(operand) for operand in operands], operator)
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(content))

    return lambda path: saved(path, change)


def turned(operand):
    if isinstance(operand, pikepdf.Array):
        return pikepdf.Array([turned(item) for item in operand])
    if isinstance(operand, pikepdf.String):
        data = bytes(operand)
        pairs = [data[at : at + 2] for at in range(0, len(data), 2)]
        return pikepdf.String(b"".join(reversed(pairs)))
    return operand


def info(key, old, new):
    def change(pdf):
        said = str(pdf.docinfo[key])
        assert old in said
        pdf.docinfo[key] = re.sub(f"(?<={old}sha256:)....", new, said)

    return lambda path: saved(path, change)


def xmp(path):
    def change(pdf):
        data = pdf.Root.Metadata.read_bytes()
        other = re.sub(rb"(?<=<pdf:Keywords>techfile:content=sha256:)....", b"0000", data)
        assert other != data
        stream = pdf.make_stream(other)
        stream.Type, stream.Subtype = Name.Metadata, Name.XML
        pdf.Root.Metadata = stream

    saved(path, change)


def appended(path):
    with open(path, "ab") as file:
        file.write(b"\n")


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def repaint(path, target=None):
    """An incremental update that paints over the second page; what was there before stays the beginning of the file."""
    before = path.read_bytes()
    with open(path, "rb") as file:
        writer = Writer(file)
        page = writer.root["/Pages"]["/Kids"]
        while "/Kids" in (first := page[0].get_object()):
            page = first["/Kids"]
        page = page[1].get_object()
        paint = generic.StreamObject(stream_data=b"q 1 1 1 rg 60 300 400 400 re f Q")
        contents = page.raw_get("/Contents")
        page[generic.pdf_name("/Contents")] = generic.ArrayObject([contents, writer.add_object(paint)])
        writer.update_container(page)
        target = target or path
        buffer = target.with_suffix(".new")
        with open(buffer, "wb") as out:
            writer.write(out)
    buffer.rename(target)
    assert target.read_bytes().startswith(before) and target.stat().st_size > len(before)


PDF = {
    "attachment-swapped": (swap("answers.json", b"{}"), "the attachment answers.json"),
    "evidence-swapped": (swap("E-2.csv", b"height,dents\n1 m,0\n"), "the attachment E-2.csv"),
    "attachments-swapped-with-their-sums": (swap_answers, "the attachment"),
    "attachment-added": (one_more, "the attachments of this release"),
    "attachment-removed": (one_less, "the attachments of this release"),
    "text-edited": (text(5), "the ledger names another SHA256SUMS"),
    "foot-edited": (text(5, footer=True), "page 6 of the PDF does not bear the content id"),
    "keywords-edited": (info("/Keywords", "techfile:content=", "0000"), "the metadata of the PDF name another"),
    "build-id-edited": (info("/Keywords", "techfile:build=", "0000"), "the metadata of the PDF name another"),
    "subject-edited": (info("/Subject", "content ", "0000"), "the subject of the PDF names another"),
    "xmp-edited": (xmp, "the XMP metadata of the PDF"),
    "byte-appended": (appended, "the ledger names another SHA256SUMS"),
    "byte-cut": (cut, "the ledger names another SHA256SUMS"),
    "page-repainted": (repaint, "the ledger names another SHA256SUMS"),
}


# --- Changes of the folder ----------------------------------------------------------------------------------------


def replaced(name, old, new):
    def change(folder):
        path = folder / name
        data = path.read_bytes()
        assert data.count(old) >= 1, (name, old)
        path.write_bytes(data.replace(old, new, 1))

    return change


def sidecar(folder):
    path = folder / "tower.pdf.sha256"
    path.write_bytes(re.sub(rb"^....", b"0000", path.read_bytes()))


def renamed(folder):
    (folder / "tower.md").rename(folder / "tower.text")


def crlf(name):
    def change(folder):
        path = folder / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    return change


def listed_twice(folder):
    path = folder / "SHA256SUMS"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines))


def link(folder):
    (folder / "tower.md").rename(folder.parent / "tower.md")
    (folder / "tower.md").symlink_to("../tower.md")


FOLDER = {
    "file-missing": (lambda folder: (folder / "tower.typ").unlink(), "tower.typ is missing", "there is no tower.typ"),
    "file-extra": (lambda folder: (folder / "more.txt").write_text("more\n"), "more.txt lies here", "the ledger names another SHA256SUMS"),
    "hidden-file-extra": (lambda folder: (folder / "inputs/.more").write_text("more\n"), "inputs/.more lies here", "the ledger names another SHA256SUMS"),
    "file-with-a-name-for-terminals": (lambda folder: (folder / "a\x1b[2KOK").write_text("more\n"), "a?[2KOK lies here", "the ledger names another SHA256SUMS"),
    "file-with-two-lines-for-a-name": (lambda folder: (folder / "a\ntower.md").write_text("more\n"), "lies here but is no part", None),
    "file-renamed": (renamed, "tower.md is missing", "there is no tower.md"),
    "file-is-a-link": (link, "tower.md is neither a file nor a folder", None),
    "listed-twice": (listed_twice, "is listed twice", None),
    "words-edited": (replaced("tower.md", b"operator", b"operater"), "tower.md was modified", "the ledger names another SHA256SUMS"),
    "front-matter-edited": (replaced("tower.md", b'content_id: "sha256:', b'content_id: "sha256:0'), "tower.md was modified", "the front matter of tower.md"),
    "words-with-crlf": (crlf("tower.md"), "only its line ends", "the front matter"),
    "sums-with-crlf": (crlf("SHA256SUMS"), "end in CR LF", None),
    "sidecar-wrong": (sidecar, "tower.pdf.sha256 was modified", None),
    "answers-file-edited": (replaced("inputs/answers/tower.yaml", b"Stacking", b"Staggering"), "inputs/answers/tower.yaml was modified", "the ledger names another SHA256SUMS"),
    "evidence-edited": (replaced("inputs/answers/drops.csv", b"1 m,1", b"1 m,0"), "inputs/answers/drops.csv was modified", "the piece of evidence"),
    "template-edited": (replaced("inputs/catalog/templates/toy.md.tera", b"#", b"##"), "templates/toy.md.tera was modified", "templates/toy.md.tera is not the file that"),
    "canonical-answers-edited": (replaced("tower.files/answers.json", b"Stacking", b"Staggering"), "tower.files/answers.json was modified", "names other answers"),
    "manifest-edited": (replaced("tower.manifest.json", b'"kind":"toy"', b'"kind":"tow"'), "tower.manifest.json was modified", "is not the build id"),
    "statement-edited": (replaced("tower.intoto.json", b'"sha256":"', b'"sha256":"0'), "tower.intoto.json was modified", "the ledger names another SHA256SUMS"),
}


# --- Changes of the ledger ----------------------------------------------------------------------------------------


def chain(lines):
    """The lines with their links computed anew."""
    out, before = [], "0" * 64
    for number, line in enumerate(lines, 1):
        value = json.loads(line) | {"prev": before, "seq": number}
        out.append(rfc8785.dumps(value) + b"\n")
        before = digest(out[-1])
    return out


def edit(line):
    other = line.replace(b'"reason":"', b'"reason":"Not: ')
    assert other != line
    return other


ALL = ("1", "2", "3")
FOLLOW = "does not follow from the line before it"
LEDGER = {
    # Name: lines, with a new head, revisions whose scripts must find it, what they say.
    "line-edited": (lambda lines: [edit(lines[0]), *lines[1:]], False, ALL, FOLLOW),
    "last-line-edited": (lambda lines: [*lines[:-1], edit(lines[-1])], False, ALL, "the head is not the digest"),
    "line-deleted": (lambda lines: [lines[0], *lines[2:]], False, ALL, FOLLOW),
    "first-line-deleted": (lambda lines: lines[1:], False, ALL, FOLLOW),
    "lines-swapped": (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], False, ALL, FOLLOW),
    "line-doubled": (lambda lines: [lines[0], *lines], False, ALL, FOLLOW),
    "ledger-truncated": (lambda lines: lines[:-1], False, ALL, "the head is not the digest"),
    "ledger-truncated-with-head": (lambda lines: lines[:-1], True, ALL, "its line was cut off"),
    "ledger-cut-in-a-line": (lambda lines: [*lines[:-1], lines[-1][:-9]], False, ALL, "the last line of the ledger has no end"),
    "ledger-without-its-last-line-end": (lambda lines: [*lines[:-1], lines[-1][:-1]], True, ALL, "the last line of the ledger has no end"),
    "ledger-with-crlf": (lambda lines: [line[:-1] + b"\r\n" for line in lines], False, ALL, "end in CR LF"),
    "ledger-empty": (lambda lines: [], False, ALL, "the last line of the ledger has no end"),
    # Whoever writes the chain anew meets the documents that print the heads before them.
    "past-rewritten": (lambda lines: chain([edit(lines[0]), *lines[1:]]), True, ("2", "3"), "another head of the ledger"),
    "line-removed-and-chained": (lambda lines: chain([*lines[:2], *lines[3:]]), True, ("3",), "another head of the ledger"),
    "released-twice": (lambda lines: chain([*lines, lines[0]]), True, ALL, "releases revision 1 twice"),
    "another-document": (lambda lines: chain([*lines, lines[3].replace(b'"doc":"T-100"', b'"doc":"T-109"')]), True, ALL, "is about another document"),
    "no-json": (lambda lines: [*lines, b"{}\n"], True, ALL, "none that techfile wrote"),
    "an-empty-line": (lambda lines: [*lines, b"\n"], True, ALL, "none that techfile wrote"),
}


def lend(source, target):
    """Copies a file; fonts, which no attack changes, are the same file: they would fill the disk."""
    (os.link if source.endswith(".ttf") else shutil.copy2)(source, target)


def main(fixtures, out):
    fixtures, out = Path(fixtures), Path(out)
    whole = fixtures / "tower/releases" / DOC
    rows = []

    def place(name):
        target = out / name / DOC
        shutil.copytree(whole, target, symlinks=True, copy_function=lend)
        return target

    def must(name, revision, words, *arguments):
        rows.append("\t".join((name, revision, " ".join(arguments), words)))

    for name, (change, words) in PDF.items():
        target = place(name)
        change(target / "2/tower.pdf")
        must(name, "2", "tower.pdf was modified")
        target = place(f"{name}-covered")
        change(target / "2/tower.pdf")
        cover(target / "2")
        must(f"{name}-covered", "2", words)
        # Whoever looks at another revision sees it, too.
        must(f"{name}-covered", "3", "../2 is not what was released")
    for name, (change, words, covered) in FOLDER.items():
        target = place(name)
        change(target / "2")
        must(name, "2", words)
        if covered:
            target = place(f"{name}-covered")
            change(target / "2")
            try:
                cover(target / "2")
            except FileNotFoundError:
                sums(target / "2")
            must(f"{name}-covered", "2", covered)
    target = place("sidecar-wrong-covered")
    sidecar(target / "2")
    sums(target / "2")
    must("sidecar-wrong-covered", "2", "tower.pdf.sha256 does not list")

    for name, (change, head, revisions, words) in LEDGER.items():
        target = place(name)
        path = target / f"{DOC}.ledger.jsonl"
        lines = change(path.read_bytes().splitlines(keepends=True))
        path.write_bytes(b"".join(lines))
        if head:
            path.with_suffix(".head").write_text(digest(lines[-1]) + "\n")
        for revision in revisions:
            must(name, revision, words)
    for name, end, words in (("no-head", "head", "nothing shows that the last lines"), ("no-ledger", "jsonl", "there is no ledger")):
        target = place(name)
        (target / f"{DOC}.ledger.{end}").unlink()
        must(name, "1", words)
    target = place("head-edited")
    path = target / f"{DOC}.ledger.head"
    path.write_bytes(path.read_bytes()[::-1].strip() + b"\n")
    must("head-edited", "1", "the head is not the digest")

    # The old release made anew, by techfile itself: everything in the folder is as it should be.
    forged = fixtures / "forged/releases" / DOC
    target = place("release-rebuilt")
    shutil.rmtree(target / "1")
    shutil.copytree(forged / "1", target / "1")
    must("release-rebuilt", "1", "the ledger names another SHA256SUMS for revision 1")
    must("release-rebuilt", "2", "../1 is not what was released")
    must("release-rebuilt", "3", "../1 is not what was released")
    # And with a whole ledger that fits it: the later documents print the head of the true one.
    target = place("release-rebuilt-with-its-ledger")
    shutil.rmtree(target / "1")
    shutil.copytree(forged / "1", target / "1")
    for end in ("jsonl", "head"):
        shutil.copy(forged / f"{DOC}.ledger.{end}", target)
    must("release-rebuilt-with-its-ledger", "2", "the ledger names another SHA256SUMS")

    # Copies of the PDF that somebody hands out.
    target = place("copy")
    copy = target / "repainted.pdf"
    repaint(target / "2/tower.pdf", copy)
    must("copy", "2", "is neither the released PDF nor a signed one", "../repainted.pdf")
    shutil.copy(fixtures / "tower/signed/tower.pdf", target / "signed.pdf")
    appended(target / "signed.pdf")
    must("copy", "2", "is neither the released PDF nor a signed one", "../signed.pdf")
    must("copy", "3", "is neither the released PDF nor a signed one", "../2/tower.pdf")
    print("\n".join(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
