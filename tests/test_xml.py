"""XML answers, honest, broken and hostile."""

import resource

import pytest
from lxml import etree

from shopscrape import xml
from shopscrape.errors import PageFailed, Refused

HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def shaped(text, codec="utf-8"):
    return f"<data><header><code>000</code></header><return>{text}</return></data>".encode(codec)


def rows(body):
    return list(xml.read(body).each("return/row"))


def test_lists_attributes_and_empties_become_plain_values():
    body = shaped(
        "<row idx='1'><sno>1</sno><image idx='1'>a</image><image idx='2'>b</image><empty/><note lang='ko'>글</note>"
        "<part><sno>2</sno></part></row>"
    )
    assert rows(body) == [
        {
            "sno": "1",
            "image": ["a", "b"],
            "empty": "",
            "note": {"@lang": "ko", "#text": "글"},
            "part": {"sno": "2"},
        }
    ]


@pytest.mark.parametrize("empty", ["", "\n  ", "<!-- none -->"])
def test_no_rows(empty):
    assert rows(shaped(empty)) == []


def test_a_direct_child_is_not_taken_from_deeper_down():
    document = xml.read(shaped("<row><part><row><sno>9</sno></row></part></row>"))
    assert len(list(document.each("return/row"))) == 1


def test_cdata_in_pieces_comments_and_padding():
    body = shaped("<row><t><![CDATA[ a[b[0]]]]><![CDATA[> 1 ]]><!-- x --> &amp; 2 </t></row>")
    assert rows(body) == [{"t": "a[b[0]]> 1  & 2"}]


def test_markup_that_was_not_escaped_stays_text():
    markup = "좋아요<br/>또 <b>삽니다</b> &amp;"
    assert rows(shaped(f"<row><t>{markup}</t></row>")) == [{"t": markup}]


@pytest.mark.parametrize(
    "codec, declared",
    [
        ("utf-8", "utf-8"), ("utf-8", "euc-kr"), ("utf-8", ""), ("utf-8-sig", "euc-kr"), ("cp949", "euc-kr"),
        ("cp949", "cp949"), ("cp949", "utf-8"), ("cp949", ""), ("utf-16", "utf-16"),
    ],
)  # fmt: skip
def test_encodings_declared_rightly_wrongly_or_not_at_all(codec, declared):
    head = f"\n<?xml version='1.0' encoding='{declared}'?>\n" if declared else ""
    text = head + shaped("<row><t>쀍 한글 본문 ① 좋아요</t></row>").decode()
    assert rows(text.encode(codec)) == [{"t": "쀍 한글 본문 ① 좋아요"}]


def test_the_charset_of_the_header_counts_where_bytes_do_not_tell():
    assert xml.decode("징".encode("cp949"), "EUC-KR").text == "징"


def test_a_few_foreign_bytes_cost_only_themselves():
    body = shaped("<row><t>한글이 길게 이어지는 본문입니다 # 그리고 계속됩니다</t></row>").replace(b"#", b"\xc7\xd1")
    document = xml.read(body)
    assert document.replaced == 2
    assert next(document.each("return/row"))["t"].startswith("한글이 길게 이어지는 본문입니다 \ufffd")


def test_dirt_in_korean_bytes_does_not_make_all_of_it_unreadable():
    body = b"<?xml version='1.0' encoding='euc-kr'?>" + shaped("<row><t>한글_본문</t></row>", "cp949")
    body = body.replace(b"_", b"\xff")
    assert rows(body)[0]["t"].startswith("한글")


@pytest.mark.parametrize(
    "bad", ["\x00", "\x0b", "\x1f", "\ufffe", "&#11;", "&#x1F;", "&#0;", "&#xD800;", "&#99999999;"]
)
def test_characters_that_xml_forbids_are_taken_out(bad):
    assert rows(HEAD.encode() + shaped(f"<row><t>앞{bad}뒤&#44032;</t></row>")) == [{"t": "앞뒤가"}]


@pytest.mark.parametrize(
    "text, read",
    [("A & B", "A & B"), ("a ]]> b", "a ]]> b"), ("1 < 2 <세일>", "1 < 2 <세일>"), ("x&nbsp;y", "x&nbsp;y")],
)
def test_one_repair(text, read):
    document = xml.read(shaped(f"<row><t>{text}</t><u><![CDATA[<b>&nbsp;</b>]]></u></row>"))
    assert document.repaired
    assert list(document.each("return/row")) == [{"t": read, "u": "<b>&nbsp;</b>"}]


@pytest.mark.parametrize(
    "body",
    [b"", b"Too Many Requests", b"<html><body>x</body></html>", b"<!doctype HTML><html></html>", b"<data><a></data>",
     b"<?xml version='1.0'", b"<data>", b"{}", b"\x00\x01", b"<data>" + b"<a>" * 200 + b"</a>" * 200 + b"</data>",
     b"<data>" + b"<a>" * 100_000],
)  # fmt: skip
def test_what_is_no_whole_xml_fails_as_a_page(body):
    with pytest.raises(PageFailed):
        [*xml.read(body).each("return/row")] or xml.read(body).one("")


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE data [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<?xml version="1.0"?><!-- <?x?> --><!DOCTYPE data SYSTEM "http://192.0.2.1/x.dtd">',
        '<!DOCTYPE html [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]>',
        '<?a?><?b?>\n<!ENTITY x "y">',
        "<!doctype data []>",
    ],
)
def test_a_document_type_is_refused(prolog):
    with pytest.raises(Refused):
        xml.read(prolog.encode() + shaped("<row><t>&x;</t></row>"))


def test_a_document_type_inside_text_is_text():
    page = "<!DOCTYPE html><html><!ENTITY x></html>"
    assert rows(shaped(f"<row><t><![CDATA[{page}]]></t></row>")) == [{"t": page}]


def test_an_entity_is_never_expanded():
    assert rows(shaped("<row><t>&x;</t></row>")) == [{"t": "&x;"}]


def test_too_large_is_not_read():
    with pytest.raises(PageFailed, match="larger"):
        xml.read(b"<data>" + b" " * xml.MOST)


def test_a_large_answer_is_read_in_pieces_with_flat_memory():
    text = "<row idx='1'><sno>{}</sno><t><![CDATA[" + "가나다 & 라마바 " * 2000 + "]]></t></row>"
    body = HEAD.encode() + shaped("".join(text.format(number) for number in range(700)))
    assert len(body) > 5 * xml.LARGE
    document = xml.read(body)
    assert document.name == "data"
    assert document.one("header") == {"code": "000"}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert [row["sno"] for row in document.each("return/row")] == [str(number) for number in range(700)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 << 10


def test_a_large_answer_is_repaired_and_refused_like_a_small_one():
    filler = "<row><t>" + "x" * (xml.LARGE + 10) + "</t></row>"
    document = xml.read(shaped(filler + "<row><t>A & B</t></row>"))
    assert document.repaired
    assert [row["t"][:5] for row in document.each("return/row")] == ["xxxxx", "A & B"]
    assert isinstance(xml.tree(shaped(filler)), etree._Element)
    with pytest.raises(PageFailed):
        xml.read(shaped(filler)[:-20])
    with pytest.raises(PageFailed):
        xml.read(shaped(filler + "<a>" * 80 + "</a>" * 80))


def test_namespaces_do_not_stand_in_the_way():
    body = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a/</loc></url></urlset>'
    assert list(xml.read(body).each("url")) == [{"loc": "https://a/"}]
