"""How GMO MakeShop's calls are signed: a permanent token, the app's key, and the time of the call."""

import time

from scrapy import Request
from scrapy.http import Response

from shopscrape.gate import Gate
from shopscrape.pace import Bucket
from shopscrape.session import Session


class MakeshopJpSigner:
    """Adds the four headers to a copy of each request.

    The server takes a timestamp for one hour, so it is made when a call goes out and never kept. The token lives until
    the shop takes the app away; there is nothing to refresh. Some clients send a further signature, others work
    without it.
    """

    def __init__(self, session: Session) -> None:
        self.token = session.secrets.need(session.mall, "TOKEN")
        self.key = session.secrets.need(session.mall, "API_KEY")
        if not self.token.startswith("PAT."):
            session.report.notice("The token does not begin with PAT.: tokens of a log-in live five minutes only.")

    async def sign(self, request: Request, gate: Gate) -> tuple[Request, int]:
        """Return a copy with token, key and the present time in seconds."""
        signed = request.copy()
        signed.headers["Content-Type"] = "application/json"
        signed.headers["Authorization"] = f"Bearer {self.token}"
        signed.headers["X-Api-Key"] = self.key
        signed.headers["X-Timestamp"] = str(int(time.time()))
        return signed, 0

    def lost(self, generation: int) -> None:
        """A refusal may have been a late timestamp; the next copy bears a new one."""

    def learn(self, response: Response, bucket: Bucket) -> None:
        """The headers tell no limit."""
