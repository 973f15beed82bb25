#!/usr/bin/env python3
"""How long after somebody saves the PDF is new: `techfile watch` on a document of forty pages.

    cargo build --release --locked
    python3 -m venv target/bench && target/bench/bin/pip install -q typst==0.15.2
    target/bench/bin/python benches/watch.py

The document is the sample `whisper`, lengthened. A word of one answer near its beginning is changed and saved, again
and again; the clock runs from there until the PDF in the output folder is another file. The 50 ms that watch waits for
more to be saved are taken off. Beside it, in the rounds that follow: a cold build of the same change in a fresh process, and
stock Typst in one warm process (the wheel `typst` 0.15.2, compiler 0.15.1) that compiles the Typst source of the same
change into a PDF of the same standards. Figures of one run on one machine mean nothing beside others. It exits with 1
where the goal is missed.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import typst
from measure import FONTS, STANDARDS, Failed, forty_page_sample, lengthened, median, pages, program, run, verdict

ROUNDS = 25
QUIET = 0.050
LONG = 30.0


def identity(path):
    """What tells one file from the next in its place."""
    try:
        look = path.stat()
    except FileNotFoundError:
        return None
    return look.st_ino, look.st_mtime_ns, look.st_size


def until_other(path, before):
    """Seconds until another file lies there."""
    start = time.perf_counter()
    while identity(path) in (before, None):
        if time.perf_counter() - start > LONG:
            raise Failed(f"`{path.name}` was not made anew")
        time.sleep(0.0005)
    return time.perf_counter() - start


def main():
    techfile = program()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        answers = forty_page_sample(place / "docs")
        text = answers.read_text("utf-8")

        def save(number):
            answers.write_text(lengthened(text, [f"Edit number {number} of this text."]), "utf-8")

        save(0)
        (place / "techfile.yaml").write_text(f"documents: [docs/answers.yaml]\noutput: out\n")
        watch = subprocess.Popen([techfile, "watch"], cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            while b"watching" not in watch.stderr.readline():
                pass
            pdf = next((place / "out").rglob("*.pdf"))
            stock = typst.Compiler(str(pdf.with_suffix(".typ")), font_paths=[str(FONTS)], ignore_system_fonts=True)
            figures = {"watch": [], "cold build": [], "stock Typst, warm": [], "stock Typst, cold": []}
            for number in range(1, ROUNDS + 1):
                before = identity(pdf)
                save(number)
                figures["watch"].append(until_other(pdf, before) - QUIET)
                # Nobody saves twice within the same moment.
                time.sleep(0.2)
            # The others have the processor to themselves as well.
            for number in range(ROUNDS + 1, 2 * ROUNDS + 1):
                before = identity(pdf)
                save(number)
                until_other(pdf, before)
                figures["cold build"].append(run(techfile, "build", answers, "--out", place / f"cold-{number}", cwd=place)[1])
                start = time.perf_counter()
                stock.compile(output=str(place / "stock.pdf"), pdf_standards=list(STANDARDS))
                figures["stock Typst, warm"].append(time.perf_counter() - start)
            figures["stock Typst, cold"].append(figures["stock Typst, warm"].pop(0))
        finally:
            watch.terminate()
            watch.wait()
        middle = {name: median(values) for name, values in figures.items()}
        print(f"{pages(pdf)} pages, median of {ROUNDS} edits, {os.cpu_count()} cores")
        for name, figure in middle.items():
            print(f"  {name:20} {figure * 1000:7.0f} ms")
        goal = verdict(round(middle["watch"] * 1000), 150)
        print(f"  watch, after 50 ms of quiet: {middle['watch'] * 1000:.0f} ms, {goal}")
        print(f"  share of the cold build: {middle['watch'] / middle['cold build']:.0%}")
        return 0 if middle["watch"] <= 0.150 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(str(error))
