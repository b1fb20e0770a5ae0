"""What all things of the world have in common, and the persons in it."""

from datetime import datetime

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something that happened. `what` is listed at each thing that has events."""

    at: datetime
    what: str
    line: int = 0
    """`no` of the order line it is about; 0: the whole order."""
    claim: int = 0
    """`no` of the claim it is about."""


class Timed(msgspec.Struct, kw_only=True):
    """A thing with a history."""

    no: int
    events: list[Event] = []

    @property
    def changed_at(self) -> datetime:
        """Return when it last changed."""
        return self.events[-1].at

    def when(self, *whats: str) -> datetime | None:
        """Return when one of these last happened, or None."""
        return next((event.at for event in reversed(self.events) if event.what in whats), None)

    def note(self, at: datetime, what: str, line: int = 0, claim: int = 0) -> None:
        """Add to the history; it stays in the order of time."""
        self.events.append(Event(at, what, line, claim))
        if len(self.events) > 1 and at < self.events[-2].at:
            self.events.sort(key=lambda event: event.at)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An invented person. Telephone numbers begin 010-0, which nobody has; e-mail domains are reserved ones."""

    no: int
    name: str
    phone: str
    """010-0123-4567"""
    email: str
    member: str
    """Log-in name at the malls."""
    zipcode: str
    region: str
    """시/도"""
    city: str
    """시군구"""
    street: str
    detail: str
    """Flat and floor."""
    grade: str = "일반"

    @property
    def address(self) -> str:
        """Return the address up to the house number."""
        return f"{self.region} {self.city} {self.street}"
