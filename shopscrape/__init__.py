"""shopscrape: products, orders, stock, returns and reviews out of shop platforms, as one data set."""

__version__ = "0.1.0"
