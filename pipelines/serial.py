"""Lets Batches through the pipelines one after the other, however many answers are read at once."""

import asyncio
from typing import Any

from scrapy.pipelines import ItemPipelineManager

from shopscrape.windows import Batch


class Serial(ItemPipelineManager):
    """Item processor. While the store works on one Batch, Scrapy fetches and maps the next answers; dedupe sees what
    the last one stored, and no mark overtakes its rows. Anything that is not a Batch does not wait.
    """

    def __init__(self, *components: Any, **fields: Any) -> None:
        super().__init__(*components, **fields)
        self._turn = asyncio.Lock()

    async def process_item_async(self, item: Any) -> Any:
        """Send an item through the pipelines."""
        if type(item) is not Batch:
            return await super().process_item_async(item)
        async with self._turn:
            return await super().process_item_async(item)
