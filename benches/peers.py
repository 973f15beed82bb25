#!/usr/bin/env python3
"""The same content through techfile and through what people would use otherwise: one Markdown table.

    cargo build --release
    apt-get install poppler-utils libreoffice-writer-nogui
    python3 -m venv target/bench
    target/bench/bin/pip install -q typst==0.15.2 pypandoc_binary weasyprint annex4ac
    target/bench/bin/python benches/peers.py [PROGRAM] [ANSWERS]

PROGRAM is target/release/techfile, ANSWERS samples/credit-scoring/answers.yaml where nothing else is said. A peer that is
not there has a row that says so.

Every figure is the best of three rounds of fresh processes. Memory is that of the largest process of a side, including
the processes that it starts and waits for (`wait4`). The wheel `typst` 0.15.2 is compiler 0.15.1 in Python: the time that
Python needs to start and to import it is measured too and taken off where it is used. The peers read what techfile wrote:
stock Typst our Typst source with our theme and fonts, pandoc our Markdown with its pictures, annex4ac the text of the
nine points. They set plain pages of their own style and none of them checks or stamps anything. The PDF of annex4ac needs
a licence key, so that row is its free DOCX and LibreOffice. Figures of one run on one machine mean nothing beside others.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import COMPILE, FONTS, IMPORT, ROOT, STANDARDS, Failed, program, run

ROUNDS = 3
# The fields of annex4ac, in the order of the points of Annex IV.
FIELDS = [
    "system_overview", "development_process", "system_monitoring", "performance_metrics", "risk_management",
    "changes_and_versions", "standards_applied", "compliance_declaration", "post_market_plan",
]


class Absent(Exception):
    """A peer that is not there: the row says why."""


def tool(name):
    """A program of the environment that runs this script, or of the system."""
    own = Path(sys.executable).parent / name
    found = str(own) if own.is_file() else shutil.which(name)
    if not found:
        raise Absent(f"no `{name}` here")
    return found


def module(name):
    """Whether Python has it, without importing it: what this process takes would count as memory of its children."""
    found = subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False)
    if found.returncode != 0:
        raise Absent(f"no Python package `{name}` here")


def pandoc():
    """The pandoc of `pypandoc_binary`, for the one of a distribution may be too old to write Typst."""
    try:
        module("pypandoc")
    except Absent:
        return tool("pandoc")
    said = subprocess.run(
        [sys.executable, "-c", "import pypandoc; print(pypandoc.get_pandoc_path())"],
        capture_output=True, check=True, text=True,
    )
    return said.stdout.strip()


def nine_points(markdown):
    """The input of annex4ac: the text of each point as one string."""
    parts = re.split(r"^## ", markdown, flags=re.MULTILINE)
    texts = {part[0]: part.split("\n", 1)[1] for part in parts if re.match(r"[1-9]\. ", part)}
    lines = [
        "enterprise_size: sme", "risk_level: high", "use_cases: [essential_services]",
        "placed_on_market: 2026-11-20T00:00:00+00:00", "last_updated: 2026-11-20T00:00:00+00:00",
    ]
    for number, field in enumerate(FIELDS, 1):
        text = texts.get(str(number), "").strip() or "none"
        lines += [f"{field}: |-", *(f"  {line}".rstrip() for line in text.splitlines())]
    return "\n".join(lines) + "\n"


def sides(techfile, answers, place):
    """Name, and a function that gives the commands and the PDF, and whether the import of the wheel is in them."""
    stem = answers.stem
    python = sys.executable
    office = f"-env:UserInstallation=file://{place}/office"

    def own():
        # Without what the last build remembers: there is nothing to do otherwise.
        return [[techfile, "build", answers, "--no-cache", "--out", place / "own"]], place / "own" / f"{stem}.pdf", 0

    def stock():
        module("typst")
        pdf = place / "stock.pdf"
        return [[python, "-c", COMPILE, f"{stem}.typ", pdf, FONTS, *STANDARDS]], pdf, 1

    def pandoc_typst():
        module("typst")
        typ, pdf = f"{stem}.pandoc.typ", place / "pandoc-typst.pdf"
        first = [pandoc(), "-f", "gfm+yaml_metadata_block", "-s", f"{stem}.md", "-o", typ]
        return [first, [python, "-c", COMPILE, typ, pdf, FONTS]], pdf, 1

    def pandoc_weasyprint():
        page, pdf = f"{stem}.pandoc.html", place / "pandoc-weasyprint.pdf"
        first = [pandoc(), "-f", "gfm+yaml_metadata_block", "-s", f"{stem}.md", "-o", page]
        return [first, [tool("weasyprint"), "-q", page, pdf]], pdf, 0

    def to_pdf(docx):
        return [tool("soffice"), office, "--headless", "--convert-to", "pdf", "--outdir", place, docx]

    def pandoc_office():
        docx = place / "pandoc-office.docx"
        first = [pandoc(), "-f", "gfm+yaml_metadata_block", "-s", f"{stem}.md", "-o", docx]
        return [first, to_pdf(docx)], docx.with_suffix(".pdf"), 0

    def annex4ac():
        source, docx = place / "annex4ac.yaml", place / "annex4ac.docx"
        source.write_text(nine_points((place / "own" / f"{stem}.md").read_text("utf-8")), "utf-8")
        first = [tool("annex4ac"), "generate", source, "--fmt", "docx", "--output", docx]
        return [first, to_pdf(docx)], docx.with_suffix(".pdf"), 0

    return [
        ("techfile", own),
        ("stock Typst, our `.typ`", stock),
        ("pandoc + Typst", pandoc_typst),
        ("pandoc + WeasyPrint", pandoc_weasyprint),
        ("pandoc (DOCX) + LibreOffice", pandoc_office),
        ("annex4ac (DOCX) + LibreOffice", annex4ac),
    ]


def looked_at(pdf):
    """Size in KiB, pages and what the PDF is."""
    said = subprocess.run([tool("pdfinfo"), pdf], capture_output=True, check=True, text=True).stdout
    facts = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    data = pdf.read_bytes()
    sort = []
    for prefix, name in [(b"pdfaid", "PDF/A"), (b"pdfuaid", "PDF/UA")]:
        part = re.search(prefix + rb":part[=>\"']+(\d)", data)
        level = re.search(prefix + rb":conformance[=>\"']+(\w)", data)
        if part:
            sort.append(f"{name}-{part[1].decode()}{level[1].decode().lower() if level else ''}")
    sort.append("tagged" if facts["Tagged"].strip() == "yes" else "not tagged")
    return len(data) / 1024, int(facts["Pages"]), ", ".join(sort)


def main():
    arguments = sys.argv[1:]
    techfile = program(*arguments[:1])
    answers = Path(arguments[1] if len(arguments) > 1 else ROOT / "samples/credit-scoring/answers.yaml").resolve()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        try:
            run(techfile, "build", answers, "--out", place / "own")
        except Failed as error:
            sys.exit(str(error))
        ready, absent = [], {}
        for name, side in sides(techfile, answers, place):
            try:
                ready.append((name, *side()))
            except Absent as error:
                absent[name] = str(error)
        seconds, peaks = {}, {}
        wheel = [run(sys.executable, "-c", IMPORT)[1] for _ in range(ROUNDS)] if any(
            imports for *_, imports in ready) else [0]
        for _ in range(ROUNDS):
            for name, commands, _, imports in ready:
                if name in absent:
                    continue
                try:
                    figures = [run(*command, cwd=place / "own")[1:] for command in commands]
                except Failed as error:
                    absent[name] = str(error)
                    continue
                took = sum(figure[0] for figure in figures) - imports * min(wheel)
                seconds[name] = min(took, seconds.get(name, took))
                peaks[name] = max(peaks.get(name, 0), *(figure[1] for figure in figures))
        pdfs = {name: pdf for name, _, pdf, _ in ready}
        shown = answers.relative_to(ROOT) if answers.is_relative_to(ROOT) else answers
        print(f"{shown}, best of {ROUNDS}, {os.cpu_count()} cores\n")
        print("| Made with | Time | Peak memory | PDF | Pages | What it is |")
        print("|---|--:|--:|--:|--:|---|")
        for name, _ in sides(techfile, answers, place):
            if name in absent:
                print(f"| {name} | – | – | – | – | {absent[name].replace('|', '/')} |")
                continue
            size, pages, sort = looked_at(pdfs[name])
            print(f"| {name} | {seconds[name]:.2f} s | {peaks[name]:.0f} MiB | {size:.0f} KiB | {pages} | {sort} |")


if __name__ == "__main__":
    main()
