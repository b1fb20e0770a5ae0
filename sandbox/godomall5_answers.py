"""Answers of the emulated openhub: products, orders and posts as XML."""

import json
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from sandbox import godomall5_ids as ids
from sandbox.entities import Order, Product, Review
from sandbox.godomall5_shops import UNDOCUMENTED
from sandbox.sales import COURIERS
from sandbox.shapes import fill, templates
from sandbox.world import World

Fields = dict[str, Any]
SHAPES = templates("godomall5_shapes.json")
"""Elements of each kind of row; those of which the made-up world knows nothing have the samples' neutral value."""


def element(name: str, value: Any, place: int = 0) -> str:
    """Return XML: an object has children, a list repeats with idx, a text that needs it is CDATA with blanks around."""
    if isinstance(value, list):
        return "".join(element(name, one, number) for number, one in enumerate(value, 1))
    begin = f'<{name} idx="{place}">' if place else f"<{name}>"
    if isinstance(value, dict):
        return f"{begin}{''.join(element(key, part) for key, part in value.items())}</{name}>"
    text = "" if value is None else str(value)
    if any(sign in text for sign in "<&>\n\"'"):
        # A text may be split over more than one section.
        text = f"<![CDATA[ {text.replace(']]>', ']]]]><![CDATA[>')} ]]>"
    return f"{begin}{text if text.startswith('<![') else escape(text)}</{name}>"


def document(name: str, rows: Iterable[Fields], code: str = "000", message: str = "성공", **header: Any) -> str:
    """Return a whole answer."""
    head = element("header", {"code": code, "msg": message, **header})
    body = "".join(element(name, row, place) for place, row in enumerate(rows, 1))
    return f'<?xml version="1.0" encoding="utf-8"?>\n<data>{head}<return>{body}</return></data>'


def money(amount: int | None) -> str:
    """Return an amount."""
    return f"{amount or 0}.00"


def yes(flag: object) -> str:
    """Return y or n."""
    return "y" if flag else "n"


def slashed(text: str) -> str:
    """Return text with the backslashes that PHP left before quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")


class Answers:
    """Rows of one mall."""

    def __init__(self, world: World, counts: Any) -> None:
        self.world = world
        self.counts = counts
        """Product number to how many reviews it has."""

    def brand_code(self, brand: str | None) -> str:
        """Return a brand's code, "" for none."""
        names = self.brands()
        return f"{names.index(brand) + 1:03d}" if brand in names else ""

    def brands(self) -> list[str]:
        """Return the brands of the catalogue."""
        return sorted({one.brand for one in self.world.products if one.brand})

    def goods(self, product: Product) -> Fields:
        """Return goods_data."""
        codes = [ids.category_code(self.world.categories[no], self.world) for no in product.categories]
        shown, sold = product.state != "hidden", product.state in ("on_sale", "hidden")
        pictures = [f"https://{ids.DOMAIN}/data/goods{path}" for path in product.images]
        reduced = product.price - product.discounted if product.discounted else 0
        origin = {"infoTitle": "제조국", "infoValue": product.origin}
        told: Fields = {
            "goodsNo": ids.goods_no(product), "goodsCd": product.code, "goodsNmFl": "d",
            "goodsNm": slashed(product.name),
            "goodsSearchWord": ",".join(product.tags), "shortDescription": product.summary, "cateCd": codes[0],
            "allCateCd": "|".join(codes) + "|", "brandCd": self.brand_code(product.brand), "makerNm": product.maker,
            "originNm": product.origin, "goodsState": "n", "scmNo": "1", "commission": "0.00",
            "goodsDisplayFl": yes(shown), "goodsDisplayMobileFl": yes(shown), "goodsSellFl": yes(sold),
            "goodsSellMobileFl": yes(sold), "soldOutFl": "n", "stockFl": yes(ids.managed(product)),
            "totalStock": ids.total_stock(product), "salesStartYmd": "0000-00-00",
            "salesEndYmd": "", "goodsPrice": money(product.price), "fixedPrice": money(product.list_price),
            "costPrice": money(product.cost), "goodsPriceString": product.price_text, "goodsDiscountFl": yes(reduced),
            "goodsDiscount": money(reduced), "goodsDiscountUnit": "price", "taxFreeFl": "t", "taxPercent": "10.0",
            "optionFl": yes(product.axes), "optionDisplayFl": ids.display(product),
            "optionName": "^|^".join(axis.name for axis in product.axes), "optionTextFl": yes(product.text_options),
            "imageStorage": "local",
            "goodsDescription": slashed(product.description), "memo": f"원가 {product.cost} {product.supplier}",
            "orderCnt": "3", "hitCnt": "10", "reviewCnt": self.counts(product.no), "plusReviewCnt": "0",
            "cremaReviewCnt": "0", "regDt": ids.printed(product.created_at),
            "modDt": ids.printed(product.changed_at) if product.changed_at > product.created_at else "",
            "addGoodsFl": yes(product.text_options),
        }  # fmt: skip
        told = fill(SHAPES["goods"], told) | {
            "listImageData": pictures[:1], "mainImageData": pictures[:1], "detailImageData": pictures[1:],
            "magnifyImageData": pictures[:1],
        }  # fmt: skip
        if product.origin:
            told["goodsMustInfoData"] = [{"stepData": [origin]}]
        if product.text_options:
            told["textOptionData"] = [
                {"optionName": name, "mustFl": "n", "addPrice": "0.00", "inputLimit": "20"}
                for name in product.text_options
            ]
            told["addGoodsData"] = [{"title": "추가상품", "mustFl": "n", "goodsNoData": ids.goods_no(product)}]
        if product.axes:
            told["optionData"] = [self._option(product, one) for one in product.variants]
        return told

    @staticmethod
    def _option(product: Product, variant: Any) -> Fields:
        values = list(variant.values) + [""] * (5 - len(variant.values))
        told = {
            "sno": variant.no, "goodsNo": ids.goods_no(product), "optionNo": variant.place,
            **{f"optionValue{place}": value for place, value in enumerate(values, 1)},
            "optionPrice": money(variant.surcharge), "optionCostPrice": money(product.cost), "optionViewFl": "y",
            "optionSellFl": ids.sell_flag(variant),
            "optionSellCode": {"y": "", "n": "05002002", "t": "05002003"}[ids.sell_flag(variant)],
            "optionCode": variant.code, "stockCnt": f"{variant.quantity or 0}.00", "sellStopFl": "n",
            "sellStopStock": "0",
            "confirmRequestFl": yes(variant.safety), "confirmRequestStock": variant.safety, "optionMemo": "",
            "regDt": ids.printed(product.created_at), "modDt": "0000-00-00 00:00:00",
        }  # fmt: skip
        return fill(SHAPES["option"], told)

    @staticmethod
    def add_on(product: Product) -> Fields:
        """Return add_goods_data: any product may be added to another one's order."""
        return {"addGoodsNo": ids.goods_no(product), "goodsNm": slashed(product.name), "price": money(product.price)}

    # -- orders -------------------------------------------------------------------------------------------------------

    def order(self, order: Order) -> Fields:
        """Return order_data."""
        places = ids.positions(order)
        lines = [line for line in order.lines if line.kind != "replacement"]
        who, to = order.buyer, order.receiver
        goods = sum(line.unit * line.quantity for line in lines)
        told: Fields = {
            "orderNo": ids.order_no(order), "orderStatus": ids.status(order, places[0]),
            "orderDate": ids.printed(order.ordered_at), "paymentDt": ids.printed(order.paid_at),
            "memNo": "0" if order.guest else who.no, "memId": "" if order.guest else who.member,
            "orderTypeFl": "mobile" if order.mobile else "pc",
            "orderChannelFl": ids.CHANNELS.get(order.channel, "shop"),
            "apiOrderGoodsNo": order.external if order.channel in ids.CHANNELS else "", "mallSno": "1",
            "orderGoodsNm": order.lines[0].name, "orderGoodsCnt": len(places), "settlePrice": money(order.due),
            "totalGoodsPrice": money(goods), "totalDeliveryCharge": money(order.shipping_fee),
            "totalGoodsDcPrice": money(sum(line.discount for line in lines)),
            "totalCouponOrderDcPrice": money(order.coupon), "totalMemberDcPrice": "0.00", "totalEnuriDcPrice": "0.00",
            "useMileage": money(order.points), "useDeposit": "0.00", "settleKind": ids.METHODS[order.methods[0]],
            "firstSaleFl": "n", "multiShippingFl": "n",
            "orderIp": "127.0.0.1", "orderEmail": who.email, "adminMemo": order.memo,
        }  # fmt: skip
        told = fill(SHAPES["order"], told)
        if told["settleKind"] in ("gb", "pv"):
            told |= {"bankName": "", "accountNumber": "", "depositor": who.name}
        told["orderInfoData"] = [
            fill(SHAPES["destination"], {
                "orderInfoCd": "1", "orderName": who.name, "orderEmail": who.email, "orderCellPhone": who.phone,
                "orderZonecode": who.zipcode, "orderAddress": who.address, "orderAddressSub": who.detail,
                "receiverName": to.name, "receiverCellPhone": to.phone, "receiverZonecode": to.zipcode,
                "receiverAddress": to.address, "receiverAddressSub": to.detail, "orderMemo": order.message,
            })
        ]  # fmt: skip
        fee = money(order.shipping_fee)
        told["orderDeliveryData"] = [
            fill(SHAPES["delivery"], {"sno": order.no, "deliveryCharge": fee, "deliveryPolicyCharge": fee})
        ]
        own = [place for place in places if place.line.kind != "add_on"]
        added = [place for place in places if place.line.kind == "add_on"]
        told["orderGoodsData"] = [self._line(order, place) for place in own]
        if added:
            told["addGoodsData"] = [
                self._line(order, place)
                | {"addGoodsNo": ids.goods_no(place.line.product), "parentGoodsNo": ids.goods_no(lines[0].product)}
                for place in added
            ]
        gifts = [line for line in order.lines if line.kind == "gift"]
        if gifts:
            told["giftData"] = [
                fill(SHAPES["gift"], {"sno": line.no, "giftNo": line.no, "giftCd": line.code, "giftNm": line.name})
                for line in gifts
            ]
        return told

    def _line(self, order: Order, place: ids.Position) -> Fields:
        line, first = place.line, place.line.parcels[0] if place.line.parcels else None
        code = ids.status(order, place)
        options = [[name, value, line.code, line.surcharge, ""] for name, value in line.options.items()]
        texts = [[name, value] for name, value in line.texts.items()]
        ended = order.when("failed") if line.status == "failed" else None
        claim = place.claim
        if claim and claim.kind == "cancel" and claim.phase == "completed":
            ended = claim.completed_at
        pictures = self.world.products[line.product].images[:1]
        told: Fields = {
            "sno": place.sno, "orderNo": ids.order_no(order), "orderCd": line.place, "orderGroupCd": line.no,
            "orderStatus": code, "goodsNo": ids.goods_no(line.product), "goodsCd": "" if line.options else line.code,
            "goodsNm": slashed(line.name),
            "goodsType": "addGoods" if line.kind == "add_on" else "goods",
            "optionSno": line.variant if line.options else "0",
            "optionInfo": json.dumps(options, ensure_ascii=False) if options else "",
            "optionTextInfo": json.dumps(texts, ensure_ascii=False) if texts else "", "goodsCnt": place.quantity,
            "goodsPrice": money(line.price), "optionPrice": money(line.surcharge), "optionTextPrice": "0.00",
            "costPrice": "100.00", "goodsDcPrice": money(place.discount), "memberDcPrice": "0.00",
            "couponGoodsDcPrice": "0.00", "enuri": "0.00", "divisionUseMileage": "0.00", "scmNo": "1",
            "commission": "0.00",
            "invoiceCompanySno": "8" if first else "0", "invoiceCompany": COURIERS[first.courier] if first else "",
            "invoiceNo": first.tracking if first else "", "paymentDt": ids.printed(order.paid_at),
            "invoiceDt": ids.printed(line.shipped_at), "deliveryDt": ids.printed(line.shipped_at),
            "deliveryCompleteDt": ids.printed(line.delivered_at), "finishDt": ids.printed(line.completed_at),
            "cancelDt": ids.printed(ended), "minusRestoreStockFl": yes(claim and claim.restocked),
            "listImageData": f"https://{ids.DOMAIN}/data/goods{pictures[0]}" if pictures else "",
        }  # fmt: skip
        told = fill(SHAPES["line"], told)
        if line.kind == "replacement":
            told["claimData"] = fill(SHAPES["claim"], {
                "handleMode": "z", "beforeStatus": "d2", "handleCompleteFl": "n", "handleReason": "교환추가상품",
                "regDt": ids.printed(line.shipped_at),
            })  # fmt: skip
        elif claim and claim.phase != "rejected":
            told["claimData"] = Answers._claim(order, place, code)
        return told

    @staticmethod
    def _claim(order: Order, place: ids.Position, code: str) -> Fields:
        claim = place.claim
        assert claim is not None
        done = claim.phase == "completed"
        mode = {"cancel": "r" if order.paid_at else "c", "return": "r" if code[0] == "r" else "b", "exchange": "e"}[
            claim.kind
        ]
        told = {
            "handleMode": mode, "beforeStatus": ids.STEPS[claim.before],
            "handleCompleteFl": "d" if claim.phase == "withdrawn" else yes(done),
            "handleReason": ids.REASONS[claim.reason], "handleDetailReason": claim.text,
            "handleDetailReasonShowFl": "n",
            "regDt": ids.printed(claim.requested_at), "handleDt": ids.printed(claim.completed_at),
            "handleGroupCd": claim.no, "refundPrice": money(claim.refund if place.first and done else 0),
            "refundUseDeposit": "0.00", "refundUseMileage": money(claim.points_back if place.first else 0),
            "refundDeliveryCharge": "0.00", "refundCharge": money(claim.fee if place.first and code == "r3" else 0),
        }  # fmt: skip
        told = fill(SHAPES["claim"], told)
        if claim.kind == "exchange":
            way = money(claim.fee if place.first else 0)
            told["exchageInfoData"] = fill(SHAPES["exchange"], {"ehAddDeliveryPrice": way})
        return told

    # -- reviews ------------------------------------------------------------------------------------------------------

    @staticmethod
    def post(review: Review, degraded: bool = False) -> Fields:
        """Return board_data of a review, with the platform's own columns or with the documented ones alone."""
        pictures = "".join(f'<p><img src="/data/board{path}"></p>' for path in review.photos)
        said = next((reply.text for reply in review.replies if reply.by == "seller"), "")
        told = {
            "sno": ids.post_no(review), "subject": review.title,
            "content": slashed(review.text.replace("\n", "<br />") + pictures), "writerNm": review.label,
            "writerId": review.author.member if review.member else "",
            "writerMobile": review.author.phone, "writerEmail": review.author.email,
            "isSecret": yes("secret" in review.flags), "goodsNo": ids.goods_no(review.product),
            "goodsPt": "" if review.rating is None else f"{review.rating}.00", "hit": review.views,
            "regDt": ids.printed(review.written_at), "modDt": ids.printed(ids.changed_at(review)),
            "answerSubject": "답변" if said else "", "answerContents": said,
        }  # fmt: skip
        told = fill(SHAPES["post"], told) | {
            "replyData": [
                {
                    "sno": int(ids.post_no(review)) + place, "subject": "답변", "content": reply.text,
                    "writerNm": "관리자",
                    "regDt": ids.printed(reply.at),
                }
                for place, reply in enumerate(review.replies, 1) if reply.by == "seller"
            ],
            "memoData": [
                {"sno": reply.no, "memo": reply.text, "writerNm": review.label, "regDt": ids.printed(reply.at)}
                for reply in review.replies if reply.by != "seller"
            ],
        }  # fmt: skip
        return {name: value for name, value in told.items() if not (degraded and name in UNDOCUMENTED)}
