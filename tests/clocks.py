"""A clock that a test sets."""

from zego_service.clock import Instant


class FakeClock:
    """Two clocks: the wall's runs on while Lambda freezes, the monotonic one may stand still."""

    def __init__(self) -> None:
        self.instant = Instant(1_795_262_400.0, 50.0)

    def __call__(self) -> Instant:
        return self.instant

    def run(self, seconds: float) -> None:
        self.instant = Instant(self.instant.wall + seconds, self.instant.monotonic + seconds)

    def freeze(self, seconds: float) -> None:
        self.instant = Instant(self.instant.wall + seconds, self.instant.monotonic)

    def set_wall_back(self, seconds: float) -> None:
        self.instant = Instant(self.instant.wall - seconds, self.instant.monotonic)
