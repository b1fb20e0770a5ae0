"""A platform of nothing but what an emulator must say; tests put it on the sandbox's path under the name `toy`."""

from msgspec import UNSET

from sandbox import canon, emulator
from sandbox.clock import Tokens
from sandbox.emulator import Demo, Refusal, Route, json_answer, text_answer
from shopscrape import values


class Records(canon.Canon):
    """Ids of the toy platform."""

    def order_id(self, order):
        return f"T{order.no:06d}"

    def line_id(self, order, line):
        return f"T{order.no:06d}-{line.place}"


class Emulator(emulator.Emulator):
    """Two malls with orders and reviews behind tokens of ten minutes, two requests a second."""

    platform = "toy"

    def prepare(self):
        self.tokens = Tokens(self.clock, f"toy:{self.world.seed}", {"access": 600})

    def malls(self):
        return [
            Demo(name="demo_toy", resources=("reviews", "orders"), native={"shop": 'a "b" \\ c'}),
            Demo(name="demo_toy_two", native={"shop": "two"}, table={"pace": 0.5, "urls": ["http://127.0.0.1/x"]}),
        ]

    def secrets(self, mall, known):
        return {"KEY": known.get("KEY") or self.world.dice(mall, "key").randbytes(8).hex() + "$x"}

    def consent(self, mall):
        return {"KEY": self.stage.secret(mall, "KEY") + "2"}

    def routes(self):
        return [
            Route("POST", "/token", self.token, "auth", once=True),
            Route("GET", "/orders", self.orders, "orders", resources=("orders", "returns")),
            Route("GET", "/reviews/{product}", self.reviews, "reviews", resources=("reviews",)),
            Route("GET", "/script.js", self.script, ""),
        ]

    async def token(self, call):
        if call.form.get("key") != self.stage.secret(call.mall, "KEY"):
            raise Refusal(json_answer({"error": "key"}, 401))
        return json_answer({"token": self.tokens.issue("access").text})

    def check(self, call):
        if not self.tokens.alive(call.header("X-Token"), "access"):
            raise Refusal(json_answer({"error": "token"}, 401))
        if not self.clock.bucket(("toy", call.mall), rate=2, burst=5).take():
            raise Refusal(self.throttled(call))

    async def orders(self, call):
        self.check(call)
        since = values.moment(call.query.get("since", "2000-01-01"))
        found = call.trade.orders.between("toy orders by change", lambda order: order.changed_at, since, None)
        page = int(call.query.get("page", "0"))
        shown = found[page * 20 : page * 20 + 20]
        call.log_rows = len(shown)
        return json_answer({"total": len(found), "orders": [self.shape(order) for order in shown]})

    def shape(self, order):
        return {"no": f"T{order.no:06d}", "at": values.iso(order.ordered_at), "phone": order.buyer.phone}

    async def reviews(self, call):
        call.stream = f"reviews_of:{call.part['product']}"
        rows = call.trade.reviews_of(int(call.part["product"]))
        return json_answer([{"id": review.no, "text": review.text} for review in rows])

    async def script(self, call):
        return text_answer("1", content_type="text/javascript")

    def question(self, call):
        return call.request.path

    def throttled(self, call):
        return json_answer({"error": "slow down"}, 429, {"Retry-After": "1"})

    def broken(self, call, status):
        return json_answer({"error": status}, status)

    def expire(self, call):
        token = self.tokens.alive(call.header("X-Token"), "access")
        self.tokens.expire(call.header("X-Token"), "access")
        return token is not None

    def truth(self, mall):
        records = Records(self.world, "toy", mall)
        orders = [canon.without(records.order(order, channel=UNSET), "completed_at") for order in records.trade.orders]
        return {"api": {"orders": orders, "reviews": [records.review(review) for review in records.trade.reviews]}}
