"""The toy's rendered pages, read as soon as their script has written: for many pages in little time."""

from toy_rendered import ToyRenderedSpider


class ToyQuickSpider(ToyRenderedSpider):
    """Waits for what the script writes, and for no quiet."""

    name = "toy_quick"

    async def settle(self, visit):
        """Wait for the script."""
        await visit.page.wait_for_selector("#told", timeout=10_000)
