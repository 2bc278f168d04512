"""Finds broken links: `links.py BOOK FILE…`, a built book and Markdown files of the repository. Links to other hosts are not followed."""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id":
                self.ids.add(value)
            elif name in ("href", "src") and value:
                self.links.append(value)


def broken_in_book(book):
    pages = {path.resolve(): Page(path) for path in book.rglob("*.html")}
    for path, page in pages.items():
        # The page for missing pages and the table of contents of the frame have links from elsewhere.
        if path.name in ("404.html", "toc.html", "print.html"):
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                yield f"{path.relative_to(book.resolve())}: {link} leads nowhere"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                yield f"{path.relative_to(book.resolve())}: {link} has no such heading"


def slug(heading):
    words = re.sub(r"[^\w\s-]", "", heading.replace("`", "").lower())
    return re.sub(r"\s", "-", words.strip())


def headings(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)
    return {slug(found) for found in re.findall(r"^#+ (.*)$", text, re.M)}


def broken_in_file(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = path.parent / unquote(parts.path) if parts.path else path
        if not target.exists():
            yield f"{path}: {link} leads nowhere"
        elif parts.fragment and target.suffix == ".md" and unquote(parts.fragment) not in headings(target):
            yield f"{path}: {link} has no such heading"


def main():
    book, files = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    found = [*broken_in_book(book), *(line for path in files for line in broken_in_file(path))]
    for line in found:
        print(line)
    if found:
        sys.exit(1)
    print(f"no broken link in {book} and {len(files)} files")


main()
