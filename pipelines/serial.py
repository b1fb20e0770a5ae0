"""Lets Batches through the pipelines one after the other, however many answers are read at once."""

import asyncio
from typing import Any

from scrapy.pipelines import ItemPipelineManager

from shopscrape.logs import fault
from shopscrape.windows import Batch


class Serial(ItemPipelineManager):
    """Item processor. While the store works on one Batch, Scrapy fetches and maps the next answers; dedupe sees what
    the last one stored, and no mark overtakes its rows. Anything that is not a Batch does not wait.

    A Batch that a pipeline fails on, or drops, spoils its window: the mark stays, its rows are read again, and the run
    ends non-zero.
    """

    def __init__(self, *components: Any, **fields: Any) -> None:
        super().__init__(*components, **fields)
        self._turn = asyncio.Lock()

    async def process_item_async(self, item: Any) -> Any:
        """Send an item through the pipelines."""
        if type(item) is not Batch:
            return await super().process_item_async(item)
        async with self._turn:
            try:
                return await super().process_item_async(item)
            except Exception as why:
                leg = item.leg
                leg.spoil(f"a batch was not stored ({fault(why)})")
                session = self.crawler.spider.session  # type: ignore[union-attr]
                session.report.fall_short(f"{leg.stream} {leg.window}: {leg.poison}")
                raise
