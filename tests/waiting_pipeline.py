"""An item pipeline as a user may add it between ours: it waits, and does not bear a second batch meanwhile."""

import asyncio


class Waiting:
    """Waits for 20 ms."""

    inside = False

    async def process_item(self, item):
        """Let others go on meanwhile."""
        assert not self.inside, "two batches at once"
        self.inside = True
        await asyncio.sleep(0.02)
        self.inside = False
        return item
