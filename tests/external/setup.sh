#!/bin/sh
# Puts what the external tests need under target/external: a Python environment and veraPDF. Debian packages that are
# missing are installed, which needs root or sudo without a password. Run it again at any time.
set -eu
cd "$(dirname -- "$0")/../.."

missing=''
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
command -v qpdf >/dev/null || missing="$missing qpdf"
command -v mutool >/dev/null || missing="$missing mupdf-tools"
command -v gs >/dev/null || missing="$missing ghostscript"
command -v dash >/dev/null || missing="$missing dash"
command -v ssh-keygen >/dev/null || missing="$missing openssh-client"
command -v openssl >/dev/null || missing="$missing openssl"
command -v curl >/dev/null || missing="$missing curl"
command -v strace >/dev/null || missing="$missing strace"
command -v faketime >/dev/null || missing="$missing faketime"
command -v javac >/dev/null || missing="$missing default-jdk-headless"
[ -f /usr/share/java/jaxb-runtime.jar ] || missing="$missing libjaxb-java"
if [ -n "$missing" ]; then
    as_root=''
    [ "$(id -u)" -eq 0 ] || as_root='sudo -n'
    # shellcheck disable=SC2086 # a command and its arguments, a list of packages
    if ! $as_root apt-get update -q || ! $as_root apt-get install -y -q --no-install-recommends $missing; then
        echo "setup: install first:$missing" >&2
        exit 2
    fi
fi

mkdir -p target/external
stamp=target/external/requirements.done
if ! cmp -s tests/external/requirements.txt "$stamp"; then
    rm -rf target/external/python
    python3 -m venv target/external/python
    target/external/python/bin/python -m pip install -q --disable-pip-version-check -r tests/external/requirements.txt
    cp tests/external/requirements.txt "$stamp"
fi
[ -x target/external/verapdf/verapdf ] || sh tests/tools/setup-verapdf.sh target/external/verapdf
