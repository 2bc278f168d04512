#!/usr/bin/env python3
"""Holds every word that people read to STYLE.md: descriptions, messages, documentation and comments.

Usage: .ci/words.py [FILE…], by default every file of the repository. Prints FILE:LINE: WORD: TEXT for each finding and
exits with 1 if there is any. It finds words only; whether a sentence is good is for its reader to say.
"""

import os
import re
import subprocess
import sys

# A user is "the user", "the caller", "the account owner" or "they". "One" is not a person.
WORDS = re.compile(
    r"(?<!`)\b(?:he|she|him|his|hers|himself|herself|whoever|whomever|whosever|somebody|someone|nobody|anybody|everybody|oneself)\b(?!`)"
    r"|\bone's (?!complement)"
    r"|(?:^|[.,;:(`] |\b(?:what|where|whom|that|if|fields|as|whether|which) )one (?:may|can|cannot|can't|must|has to|needs|reads|asks|lacks|holds|gets|wants|is (?:shown|let|told|signed))\b",
    re.IGNORECASE | re.MULTILINE,
)

# Comments, and string literals. What is in a string of a test is data.
RUST = re.compile(r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>b?r(#*)".*?"\3|"(?:\\.|[^"\\])*")|'(?:\\.[^']*|[^'\\])'""", re.DOTALL)
SCRIPT = re.compile(r"""(?P<comment>(?<![:\\])//[^\n]*|/\*.*?\*/)|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)""", re.DOTALL)
HASH = re.compile(r"(?P<comment>(?:^|(?<=\s))\#[^\n]*)", re.MULTILINE)
KINDS = [
    ((".rs",), RUST),
    ((".mjs", ".cjs", ".js", ".ts", ".tsx"), SCRIPT),
    ((".sh", ".toml", ".yml", ".yaml", ".ci/run"), HASH),
    ((".md", ".graphql", ".html"), None),
]
# This list itself, the guide that quotes what not to write, texts of others, and files that tools write.
EXEMPT = ("STYLE.md", "LICENSE", "package-lock.json", "Cargo.lock", ".ci/words.py")


def parts(path, text):
    """The parts of a file that people read, each with its offset."""
    for suffixes, pattern in KINDS:
        if not path.endswith(suffixes):
            continue
        if pattern is None:
            yield 0, text
            return
        in_tests = "/tests" in f"/{path}" or "benches/" in path
        for match in pattern.finditer(text):
            if match.lastgroup is None or (match["comment"] is None and in_tests):
                continue
            yield match.start(), match.group()
        return


def files():
    """Every file of the repository: those that git knows or, in a copy without its history, those that no tool has made."""
    try:
        listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout
        return [path for path in listed.split("\n") if path]
    except (OSError, subprocess.CalledProcessError):
        made = {".git", "target", "node_modules", "generated", "data"}
        paths = []
        for directory, children, names in os.walk("."):
            children[:] = [child for child in children if child not in made]
            paths += [os.path.relpath(os.path.join(directory, name)) for name in names]
        return paths


def main(paths):
    found = False
    for path in paths:
        if path.endswith(EXEMPT):
            continue
        try:
            text = open(path, encoding="utf-8").read()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        for offset, part in parts(path, text):
            for match in WORDS.finditer(part):
                start = offset + match.start()
                line = text.count("\n", 0, start) + 1
                shown = text.splitlines()[line - 1].strip()
                print(f"{path}:{line}: {match.group()}: {shown[:160]}")
                found = True
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or files()))
