"""scrapy sandbox: the platforms, emulated on this machine, for trials and tests."""

import argparse
import asyncio
import sys

from scrapy.commands import ScrapyCommand

from shopscrape.report import CONFIGURATION


class Command(ScrapyCommand):
    """A development tool; listens on 127.0.0.1 only. SIGTERM ends it."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        """Return one line for the list of commands."""
        return "Serve all platforms on localhost from one made-up world"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the sandbox's own options."""
        super().add_options(parser)
        parser.add_argument("--port", type=int, default=8800, help="0 takes a free one (default: 8800)")
        parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same world (default: 7)")
        for name, count in (("products", 200), ("orders", 400), ("reviews", 1000)):
            parser.add_argument(f"--{name}", type=int, default=count, help=f"{name} a mall (default: {count})")
        parser.add_argument("--speed", type=float, default=1.0, help="scales limits, delays, lifetimes; 1 = real ones")
        parser.add_argument("--faults", default="", help="such as 429:0.1,500:0.05,hang:0.01,cut:0.02,garbage:0.01")
        parser.add_argument("--truth", default="", metavar="DIR", help="write the records it will show")
        parser.add_argument("--malls", default="", metavar="FILE", help="write a malls file that points at it")
        parser.add_argument("--only", default="", metavar="PLATFORMS", help="such as a,b; the others are not served")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Serve until SIGTERM or SIGINT."""
        from sandbox.server import serve

        try:
            asyncio.run(
                serve(
                    port=opts.port, seed=opts.seed, products=opts.products, orders=opts.orders, reviews=opts.reviews,
                    speed=opts.speed, faults=opts.faults, truth=opts.truth or None, malls=opts.malls or None,
                    only=opts.only,
                )
            )  # fmt: skip
        except (ValueError, OSError) as why:
            print(f"scrapy sandbox: {why}", file=sys.stderr)
            self.exitcode = CONFIGURATION
