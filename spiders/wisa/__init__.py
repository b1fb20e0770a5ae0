"""WISA: what is known about it."""

from shopscrape.facts import FactSheet

FACTS = FactSheet(platform="wisa", title="WISA", hosts=("{domain}",))
