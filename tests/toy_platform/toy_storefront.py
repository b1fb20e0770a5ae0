"""The pages of the toy platform: every mall has an origin and a robots.txt of its own."""

from sandbox import emulator
from sandbox.emulator import Demo, Route, text_answer


class Emulator(emulator.Emulator):
    """Pages of a mall that has an API too, and of one that has none."""

    platform = "toy"
    access = "web"

    def malls(self):
        table = {"permission": "own-store"}
        return [
            Demo(name="demo_toy", resources=("products",), table=table),
            Demo(name="demo_toy_closed", native={"shop": "closed"}),
        ]

    def routes(self):
        return [
            Route("GET", "/robots.txt", self.robots, ""),
            Route("GET", "/goods/{no}", self.goods, "page", resources=("products",)),
        ]

    async def robots(self, call):
        return text_answer("User-agent: *\nDisallow: /\n" if call.mall == "demo_toy_closed" else "")

    async def goods(self, call):
        product = self.world.products[int(call.part["no"])]
        return text_answer(f"<title>{product.name}</title><p>{call.origin}", 200, "text/html", "cp949")

    def blocked(self, call):
        return text_answer("<h1>Access denied</h1>", 200, "text/html")

    def truth(self, mall):
        return {"web": {"products": []}}
