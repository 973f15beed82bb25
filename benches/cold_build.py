#!/usr/bin/env python3
"""Cold build of a sample beside stock Typst on the Typst source that the build emits.

    cargo build --release
    python3 -m venv target/bench && target/bench/bin/pip install -q typst==0.15.2
    target/bench/bin/python benches/cold_build.py [forty | samples/credit-scoring/answers.yaml]

`forty` is the sample `whisper`, lengthened to forty pages.

Every figure is a fresh process, the two sides taking turns. The wheel `typst` 0.15.2 carries compiler 0.15.1; the time
that Python and the wheel need to start and import is measured the same way and taken off. Figures are ratios of one
run on one machine: they mean nothing beside those of another.
"""

import os
import sys
import tempfile
from pathlib import Path

from measure import IMPORT, Failed, forty_page_sample, median, pages, program, run, stock, verdict

ROUNDS = 15


def main():
    asked = sys.argv[1] if len(sys.argv) > 1 else "samples/credit-scoring/answers.yaml"
    techfile = program()
    with tempfile.TemporaryDirectory() as scratch:
        answers = forty_page_sample(Path(scratch) / "forty") if asked == "forty" else Path(asked)
        out = Path(scratch) / "out"
        run(techfile, "build", answers, "--out", out)
        typ = next(out.rglob("*.typ"))
        sides = {
            "techfile build": lambda i: run(techfile, "build", answers, "--out", Path(scratch) / f"cold-{i}"),
            "techfile check": lambda _: run(techfile, "check", answers),
            "stock typst": lambda _: stock(typ, Path(scratch) / "stock.pdf"),
            "its import": lambda _: run(sys.executable, "-c", IMPORT),
        }
        times = {name: [] for name in sides}
        peaks = dict.fromkeys(sides, 0.0)
        for i in range(ROUNDS):
            for name, side in sides.items():
                _, seconds, peak = side(i)
                times[name].append(seconds)
                peaks[name] = max(peaks[name], peak)
        middle = {name: median(values) for name, values in times.items()}
        typst = middle["stock typst"] - middle["its import"]
        print(f"{asked}, {pages(typ.with_suffix('.pdf'))} pages, {ROUNDS} rounds, median of fresh processes, {os.cpu_count()} cores")
        for name in sides:
            print(f"  {name:15} {middle[name] * 1000:7.0f} ms   peak {peaks[name]:5.0f} MiB")
        print(f"  stock typst without its import: {typst * 1000:.0f} ms")
        rows = [
            ("build / stock typst", middle["techfile build"] / typst, 1.15),
            ("peak memory of build, MiB", peaks["techfile build"], 150),
            ("everything before Typst / build", middle["techfile check"] / middle["techfile build"], 0.05),
        ]
        for name, figure, goal in rows:
            print(f"  {name:32} {figure:8.3f}   {verdict(figure, goal)}")


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(str(error))
