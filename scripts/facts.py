"""make facts: print every platform's fact sheet into its page, docs/platforms/<platform>.md."""

import importlib
import pkgutil
import sys
from pathlib import Path

import spiders
from shopscrape.facts import as_markdown

PAGES = Path("docs/platforms")
BEGIN, END = "<!-- facts -->", "<!-- /facts -->"


def platforms() -> list[str]:
    """Return the names of all platform folders."""
    return sorted(found.name for found in pkgutil.iter_modules(spiders.__path__) if found.ispkg)


def printed(platform: str, page: str) -> str:
    """Return a page with the fact sheet as it is now between its two marks. Raises: ValueError without the marks."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"docs/platforms/{platform}.md has no {BEGIN} … {END}")
    facts = importlib.import_module(f"spiders.{platform}").FACTS
    return f"{head}{BEGIN}\n{as_markdown(facts)}{END}{tail}"


def main() -> int:
    """Rewrite the pages whose fact sheet changed."""
    for platform in platforms():
        page = PAGES / f"{platform}.md"
        old = page.read_text("utf-8") if page.exists() else f"# {platform}\n\n{BEGIN}\n{END}\n"
        new = printed(platform, old)
        if new != old:
            page.write_text(new, "utf-8")
            print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
