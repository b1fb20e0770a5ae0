"""Naver SmartStore: what is known about it."""

from shopscrape.facts import FactSheet

FACTS = FactSheet(platform="naver", title="Naver SmartStore", hosts=("api.commerce.naver.com/external",))
