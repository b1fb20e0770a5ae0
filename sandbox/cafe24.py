"""Cafe24, emulated: the rotating token pair, the two quotas, and the Admin API.

Unverified, as the sources say: the wording of most errors, one bucket for a mall, the old access token living on after
a refresh, `since_product_no` strictly greater and rising, claim embeds as lists.
"""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from sandbox import emulator
from sandbox.cafe24_api import SCOPES, AdminApi, Refusal
from sandbox.cafe24_payloads import SHAPES, Shop
from sandbox.cafe24_truth import Truth
from sandbox.clock import Token, Tokens
from sandbox.emulator import Call, Demo, Route, json_answer
from shopscrape import values

MALL_ID = "demomall"
VERSIONS = ("2025-12-01", "2026-03-01")
ACCESS, REFRESH = 2 * 3600.0, 14 * 86400.0
USAGE_CALLS, USAGE_SPAN = 1000, 300.0
"""100 % of the usage quota: the real size is not published."""


class Emulator(emulator.Emulator):
    """The mall `demo`."""

    platform = "cafe24"

    def prepare(self) -> None:
        """Make the mall's API and its token store."""
        self.tokens = Tokens(self.clock, f"cafe24:{self.world.seed}", {"access": ACCESS, "refresh": REFRESH})
        self.used: set[str] = set()
        trade = self.world.trade("demo")
        self.shop = Shop(trade.place, f"{MALL_ID}.cafe24.com", self.world.categories)
        self.api = AdminApi(self.world, trade, self.shop)

    def malls(self) -> list[Demo]:
        """Return the one mall."""
        return [Demo(name="demo", native={"mall_id": MALL_ID, "operators": ["mallop"]})]

    def secrets(self, mall: str, known: Mapping[str, str]) -> dict[str, str]:
        """Return the app's id and secret, and the refresh token of a consent."""
        return {
            "CLIENT_ID": "sandboxcafe24client", "CLIENT_SECRET": "sandbox-cafe24-secret",
            "REFRESH_TOKEN": known.get("REFRESH_TOKEN") or self.tokens.issue("refresh").text,
        }  # fmt: skip

    def consent(self, mall: str) -> dict[str, str]:
        """Return the refresh token of a fresh consent."""
        return {"REFRESH_TOKEN": self.tokens.issue("refresh").text}

    def routes(self) -> list[Route]:
        """Return the token address, and the resources by what they belong to."""
        found = [Route("POST", "/api/v2/oauth/token", self.token, "auth", once=True)]
        resources = {
            "products": ("products", "inventory"), "orders": ("orders", "returns"), "refunds": ("returns",),
            "boards/{board}/articles": ("reviews",), "boards/{board}/comments": ("reviews",),
        }  # fmt: skip
        for path, rows in resources.items():
            found.append(Route("GET", f"/api/v2/admin/{path}", self.read, path, resources=rows))
        return [*found, Route("GET", "/api/v2/admin/{tail:.*}", self.read, "other")]

    # -- tokens -------------------------------------------------------------------------------------------------------

    async def token(self, call: Call) -> web.Response:
        """Answer POST /api/v2/oauth/token: both tokens are new, the old refresh token is dead at once."""
        expected = f"{self.stage.secret('demo', 'CLIENT_ID')}:{self.stage.secret('demo', 'CLIENT_SECRET')}"
        if call.header("Authorization") != f"Basic {base64.b64encode(expected.encode()).decode()}":
            return _oauth("invalid_client", "Invalid client", 401)
        given = call.form.get("refresh_token", "")
        found = self.tokens.find(given, "refresh")
        if call.form.get("grant_type") != "refresh_token" or given in self.used or found is None or self._dead(found):
            return _oauth("invalid_grant", "Invalid refresh_token", 400)
        self.used.add(given)
        access, refresh = self.tokens.issue("access"), self.tokens.issue("refresh")
        return json_answer(
            SHAPES["token"]
            | {
                "access_token": access.text, "expires_at": _kst(access.expires_at), "refresh_token": refresh.text,
                "refresh_token_expires_at": _kst(refresh.expires_at), "mall_id": MALL_ID, "user_id": "mallop",
                "client_id": self.stage.secret("demo", "CLIENT_ID"), "issued_at": _kst(access.issued_at),
                "scopes": sorted(set(SCOPES.values())),
            },
            headers=self._headers(),
        )  # fmt: skip

    def _dead(self, token: Token) -> bool:
        return token.revoked or token.expires_at <= self.clock.now()

    def expire(self, call: Call) -> bool:
        """End the access token that a request presents."""
        found = self.tokens.find(call.header("Authorization").removeprefix("Bearer "), "access")
        if found is None or self._dead(found):
            return False
        found.expires_at = self.clock.now() - timedelta(seconds=1)
        return True

    # -- reads --------------------------------------------------------------------------------------------------------

    async def read(self, call: Call) -> web.Response:
        """Answer GET /api/v2/admin/…."""
        quota = self.clock.quota(("cafe24 usage", call.mall), USAGE_CALLS, USAGE_SPAN)
        if not self.clock.bucket(("cafe24", call.mall), rate=2.0, burst=40).take() or not quota.take():
            return self.throttled(call)
        try:
            self._check(call)
            parts = [part for part in call.request.path.partition("/api/v2/admin/")[2].split("/") if part]
            document, call.stream = self.api.answer(parts, call.query)
        except Refusal as why:
            return json_answer(why.document, why.status, self._headers())
        rows = next(iter(document.values()))
        call.log_rows = len(rows) if isinstance(rows, list) else None
        return json_answer(document, headers=self._headers())

    def _check(self, call: Call) -> None:
        found = self.tokens.find(call.header("Authorization").removeprefix("Bearer "), "access")
        if found is None:
            raise Refusal(401, "Invalid access_token. (invalid_token)")
        if self._dead(found):
            raise Refusal(401, "access_token time expired. (invalid_token)")
        version = call.header("X-Cafe24-Api-Version")
        if version and version not in VERSIONS:
            raise Refusal(
                400, f"The API version is not available. The default value for the app version is {VERSIONS[-1]}."
            )
        scope = SCOPES.get(call.request.path.partition("/api/v2/admin/")[2].split("/")[0])
        if scope is None:
            raise Refusal(404, "No API found.")

    def _headers(self) -> dict[str, str]:
        quota = self.clock.quota(("cafe24 usage", "demo"), USAGE_CALLS, USAGE_SPAN)
        share = 100 - 100 * quota.left / USAGE_CALLS
        found = {
            "X-Api-Call-Limit": f"{self.clock.bucket(('cafe24', 'demo'), rate=2.0, burst=40).used}/40",
            "X-Cafe24-Call-Usage": f"{share:.2f}", "X-Cafe24-Time-Usage": f"{share / 2:.2f}",
        }  # fmt: skip
        if quota.left < 1:
            found["X-Cafe24-Call-Remain"] = str(int(quota.wait * self.clock.speed) + 1)
        return found

    def throttled(self, call: Call) -> web.Response:
        """Return 429; only its headers tell which quota it was."""
        return json_answer(
            {"error": {"code": 429, "message": "Too Many Requests", "more_info": {}}}, 429, self._headers()
        )

    def broken(self, call: Call, status: int) -> web.Response:
        """Return a server error in the usual envelope."""
        message = {503: "Service Unavailable", 504: "Gateway Timeout"}.get(status, "Internal Server Error")
        return json_answer({"error": {"code": status, "message": message, "more_info": {}}}, status, self._headers())

    def not_found(self, call: Call) -> web.Response:
        """Return the answer to a path that does not exist."""
        return json_answer({"error": {"code": 404, "message": "No API found.", "more_info": {}}}, 404, self._headers())

    # -- truth --------------------------------------------------------------------------------------------------------

    def truth(self, mall: str) -> emulator.Truth:
        """Return the canonical records."""
        trade = self.world.trade(mall)
        truth = Truth(mall, self.shop, self.clock.now())
        products = self.world.shown()
        return {
            "api": {
                "products": [truth.product(one) for one in products],
                "inventory": [level for one in products for level in truth.stock(one)],
                "orders": [truth.order(one) for one in trade.orders],
                "returns": [claim for one in trade.orders for claim in truth.returns(one)],
                "reviews": [truth.review(one, trade.orders.get(one.order)) for one in trade.reviews],
            }
        }


def _kst(at: Any) -> str:
    """Return a time of a token answer: KST, and it does not say so."""
    return f"{at.astimezone(values.SEOUL):%Y-%m-%dT%H:%M:%S}.000"


def _oauth(word: str, text: str, status: int) -> web.Response:
    return json_answer({"error": word, "error_description": text}, status)
