"""Lets Scrapy's item tools read our records; importing it registers it."""

from collections.abc import Iterator
from typing import Any

from itemadapter import ItemAdapter
from itemadapter.adapter import AdapterInterface
from msgspec import UNSET

from shopscrape.items import Record


class RecordAdapter(AdapterInterface):
    """Lets exporters and item tools read a record as a mapping; unset fields are absent."""

    @classmethod
    def is_item(cls, item: Any) -> bool:
        return isinstance(item, Record)

    @classmethod
    def is_item_class(cls, item_class: type) -> bool:
        return issubclass(item_class, Record)

    @classmethod
    def get_field_names_from_class(cls, item_class: type) -> list[str]:
        return list(item_class.__struct_fields__)  # type: ignore[attr-defined]

    def field_names(self) -> Any:
        return list(self)

    def __getitem__(self, name: str) -> Any:
        if name not in self.item.__struct_fields__ or getattr(self.item, name) is UNSET:
            raise KeyError(name)
        return getattr(self.item, name)

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self.item.__struct_fields__:
            raise KeyError(name)
        setattr(self.item, name, value)

    def __delitem__(self, name: str) -> None:
        self[name] = UNSET

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.item.__struct_fields__ if getattr(self.item, name) is not UNSET)

    def __len__(self) -> int:
        return sum(1 for _ in self)


if RecordAdapter not in ItemAdapter.ADAPTER_CLASSES:
    ItemAdapter.ADAPTER_CLASSES = (RecordAdapter, *ItemAdapter.ADAPTER_CLASSES)
