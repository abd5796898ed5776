"""The hour that clocks show twice in autumn: which of the two a line without a zone is of."""

from datetime import UTC, datetime, timedelta, tzinfo

# Lines of one log are out of order by less, and clocks are set back by more.
SET_BACK = timedelta(minutes=20)


class Folds:
    """Follows the times of one log: where they go back within the hour, it is the second.

    A log that begins in that hour begins in the first of the two, as far as anybody can tell.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._before: datetime | None = None
        self._second = False

    def unfolded(self, at: datetime) -> datetime:
        """The UTC moment of a line, given the earlier of the moments that it may mean."""
        later = at.astimezone(self._zone).replace(fold=1).astimezone(UTC)
        if later == at:
            self._second = False
        elif self._before and at < self._before - SET_BACK:
            self._second = True
        self._before = at
        return later if self._second else at
