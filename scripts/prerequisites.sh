#!/bin/sh
# 装之前先看缺什么；缺哪样说哪样，一次说清。
python="${1:-python3}"
missing=""
say() { printf '%s\n' "$1" >&2; missing=yes; }

if ! command -v "$python" >/dev/null 2>&1; then
    say "缺 Python 3.11 以上。Debian：apt-get install python3 python3-venv python3-dev gcc libc6-dev"
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "Python 太旧：$("$python" --version 2>&1)，要 3.11 以上。可用 make demo PYTHON=python3.12 指定"
    exit 1
fi
"$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || say "缺 venv。Debian：apt-get install python3-venv"
header=$("$python" -c 'import os, sysconfig; print(os.path.join(sysconfig.get_paths()["include"], "Python.h"))')
[ -f "$header" ] || say "缺 Python 头文件。Debian：apt-get install python3-dev"
{ command -v cc || command -v gcc; } >/dev/null 2>&1 || say "缺 C 编译器。Debian：apt-get install gcc libc6-dev"
if [ -n "$missing" ]; then
    exit 1
fi
