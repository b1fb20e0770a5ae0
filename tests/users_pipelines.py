"""Item pipelines as a user may add them between ours."""

import asyncio

from scrapy.exceptions import DropItem


class Waiting:
    """Waits for 20 ms, and does not bear a second batch meanwhile."""

    inside = False

    async def process_item(self, item):
        """Let others go on meanwhile."""
        assert not self.inside, "two batches at once"
        self.inside = True
        await asyncio.sleep(0.02)
        self.inside = False
        return item


class Failing:
    """Fails on the second batch."""

    why = ValueError("CANARY: what was read")
    batches = 0

    def process_item(self, item):
        """Count batches."""
        self.batches += 1
        if self.batches == 2:
            raise self.why
        return item


class Dropping(Failing):
    """Drops the second batch."""

    why = DropItem("CANARY: what was read")
