#!/usr/bin/env python3
"""Breaks a valid PDF in several ways: break_pdf.py FILE FOLDER. The second part of a name says which profiles must
refuse it, such as no-language.ua1.pdf."""

import sys
from pathlib import Path

import pikepdf


def javascript(pdf):
    pdf.Root.OpenAction = pdf.make_indirect(
        pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    )


def no_language(pdf):
    del pdf.Root.Lang


def not_marked(pdf):
    del pdf.Root.MarkInfo


def no_structure(pdf):
    del pdf.Root.StructTreeRoot


def relation_missing(pdf):
    for name in pdf.Root.AF:
        del name.AFRelationship


BREAKS = {
    "javascript.3a": javascript,
    "not-marked.3a-ua1": not_marked,
    "no-language.ua1": no_language,
    "relation-missing.3a": relation_missing,
}


def main(file, folder):
    for name, change in BREAKS.items():
        with pikepdf.open(file) as pdf:
            change(pdf)
            pdf.save(Path(folder) / f"{name}.pdf", linearize=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
