"""What can go wrong, named by what happens next."""


class ShopscrapeError(Exception):
    """Root of ours; its text is one sentence for a person and holds no secret and no personal data.

    `code` is the platform's own code, as text, where it gave one.
    """

    outcome = "retry"

    def __init__(self, message: str = "", *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class ConfigurationError(ShopscrapeError):
    """Refuse to start: a setting, an argument, a credential or a file must be mended first. Exit 2."""

    outcome = "configuration"


class StopPlatform(ShopscrapeError):
    """Close the spider; `outcome` is the close reason. Exit 3."""

    outcome = "refused"


class Refused(StopPlatform):
    """The platform said no in a way that a person must mend: scope, address, contract, version."""


class ResourceRefused(Refused):
    """One function is refused, such as for a right that was not granted: its stream is given up, the others go on."""


class AuthFailed(StopPlatform):
    """Credentials are refused even when fresh."""

    outcome = "auth"


class ConsentNeeded(StopPlatform):
    """The token pair is dead; the mall's operator must log in again."""

    outcome = "consent_needed"


class Blocked(StopPlatform):
    """A challenge, captcha or block page came; it is never worked around."""

    outcome = "blocked"


class LoginRequired(StopPlatform):
    """A log-in wall came; it is never worked around."""

    outcome = "login_required"


class NotHydrated(StopPlatform):
    """The page stayed the shell that its scripts should have filled."""

    outcome = "not_hydrated"


class MallBusy(StopPlatform):
    """Another crawl holds the lease of this mall. Exit 75."""

    outcome = "mall_busy"


class LeaseLost(StopPlatform):
    """The connection that held the lease broke and another crawl took it."""

    outcome = "lease_lost"


class AskAgain(ShopscrapeError):
    """The answer tells in its body that the same question must be asked again, boundedly."""


class Throttled(AskAgain):
    """A quota is used up; `wait` seconds until the scope is open again (0: the pace's own pause)."""

    outcome = "throttled"

    def __init__(self, message: str = "", *, code: str = "", wait: float = 0.0) -> None:
        super().__init__(message, code=code)
        self.wait = wait


class AuthLost(AskAgain):
    """The token or session died on the way; a fresh one is fetched once."""

    outcome = "auth"


class SessionLost(AuthLost):
    """A page session ended; its thinner answers are not data."""

    outcome = "session_lost"


class NotFound(ShopscrapeError):
    """The thing asked for is gone; its record is skipped, the window goes on."""

    outcome = "not_found"


class OneNotFound(NotFound):
    """One of the things asked for at once is not there, and the platform refused all: they are asked for in halves."""


class Empty(ShopscrapeError):
    """The platform says in words that there is nothing (more); it is read as a page without rows."""

    outcome = "empty"


class CapReached(ShopscrapeError):
    """The window holds more than the platform lets us page to: halve it."""

    outcome = "retry"


class PageFailed(ShopscrapeError):
    """The page as a whole cannot be read; its window is poisoned."""

    outcome = "retry"


class RowFailed(ShopscrapeError):
    """One row does not map or validate: counted, kept encrypted as a dead letter. Names the path, never the value."""
