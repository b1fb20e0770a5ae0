"""Feed exporters that give one row a line: a Batch is unrolled into its records, new or not."""

from typing import Any

import msgspec
from scrapy.exporters import BaseItemExporter, CsvItemExporter, JsonItemExporter, JsonLinesItemExporter

from shopscrape import items
from shopscrape.adapter import RecordAdapter
from shopscrape.windows import Batch

_PLAIN = msgspec.json.Encoder()


class _Unrolled(BaseItemExporter):
    def export_item(self, item: Any) -> None:
        """Write the rows of a Batch, or an item of anyone else."""
        if type(item) is Batch:
            for row in item.rows:
                self.export_record(row.record)
        else:
            super().export_item(item)  # type: ignore[safe-super]

    def export_record(self, record: items.Record) -> None:
        """Write one record."""
        super().export_item(msgspec.to_builtins(record))  # type: ignore[safe-super]


class JsonLines(_Unrolled, JsonLinesItemExporter):
    """JSON lines; fields that an answer does not tell are left out."""

    def export_record(self, record: items.Record) -> None:
        """Write one record, with msgspec: the fields' own order, money as text."""
        self.file.write(_PLAIN.encode(record) + b"\n")


class Json(_Unrolled, JsonItemExporter):
    """One JSON list."""


class Csv(_Unrolled, CsvItemExporter):
    """One table; every field of the first record's type is a column, nested values are JSON."""

    def export_record(self, record: items.Record) -> None:
        """Write one record."""
        if self.fields_to_export is None:
            self.fields_to_export = ["resource", *record.__struct_fields__]
        told = RecordAdapter(record)
        plain = {name: _cell(value) for name, value in told.items()}
        CsvItemExporter.export_item(self, {"resource": record.resource} | plain)


def _cell(value: Any) -> Any:
    plain = msgspec.to_builtins(value)
    return _PLAIN.encode(plain).decode() if isinstance(plain, (list, dict)) else plain
