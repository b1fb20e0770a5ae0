"""The emulated central REST API of WISA, which one document speaks of: as its assumed samples have it."""

import json
from pathlib import Path

from sandboxing import ask, force

from sandbox.background import running
from sandbox.shapes import shape_problems

SAMPLES = Path(__file__).parent / "samples" / "wisa"


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_bytes())


def test_answers_and_errors_are_as_assumed():
    with running(products=40, orders=1, reviews=1, only="wisa") as served:
        check(served)


def check(served):
    address = f"{served.stage.address('demo_wisa_rest')}/v1/products"
    headers = {"X-API-Key": served.stage.secret("demo_wisa_rest", "REST_KEY")}
    status, body, _ = ask(f"{address}?page=1&limit=100", headers=headers)
    nullable = ("products.[].product_code", "products.[].image", "products.[].consumer_price")
    assert (
        status == 200 and shape_problems(json.loads(body), sample("assumption_rest_products"), nullable=nullable) == []
    )
    status, body, _ = ask(address)
    assert status == 401 and json.loads(body) == sample("assumption_rest_401")
    assert json.loads(ask(f"{address}?limit=101", headers=headers)[1]) == sample("assumption_rest_422")
    for fault in ("429", "500"):
        force(served, fault, mall="demo_wisa_rest")
        status, body, _ = ask(address, headers=headers)
        assert status == int(fault) and json.loads(body) == sample(f"assumption_rest_{fault}")
