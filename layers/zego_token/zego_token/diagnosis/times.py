"""What is wrong with the times of a token."""

from zego_token.diagnosis.findings import Finding, finding

_SHORTEST_SECONDS = 30  # ZIM's shortest validity, and when Express warns
_ZIM_LONGEST_SECONDS = 24 * 86_400
_CLOCK_SECONDS = 30  # clocks that differ by less are right enough
_EARLIEST = 1_000_000_000  # in 2001, long before ZEGO
_IN_MILLISECONDS = 100_000_000_000  # as seconds, in the year 5138
_UNITS = (("year", 31_536_000), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def times_findings(created_at: int | None, expires_at: int, now: int, product: str) -> list[Finding]:
    """What is wrong at ``now``; ``created_at`` is None where it is not known. All are Unix seconds."""
    if expires_at >= _IN_MILLISECONDS:
        code = "time-in-milliseconds" if expires_at < _IN_MILLISECONDS * 1000 else "time-invalid"
        return [finding(code)]
    if expires_at < _EARLIEST:
        code = "expiry-relative" if expires_at > 0 else "time-invalid"
        return [finding(code, seconds=expires_at)]
    findings = [] if created_at is None else _validity_findings(created_at, expires_at, product)
    left = expires_at - now
    if left <= 0:
        findings.append(finding("expired", ago=duration(-left)))
    elif left < _SHORTEST_SECONDS:
        findings.append(finding("ends-soon", left=duration(left)))
    if created_at is not None and created_at > now + _CLOCK_SECONDS:
        findings.append(finding("clock-ahead", ahead=duration(created_at - now)))
    return findings


def _validity_findings(created_at: int, expires_at: int, product: str) -> list[Finding]:
    if created_at >= _IN_MILLISECONDS:
        return [finding("time-in-milliseconds")]
    validity = expires_at - created_at
    if validity <= 0:
        return [finding("validity-negative", ago=duration(-validity))]
    if validity < _SHORTEST_SECONDS:
        return [finding("validity-too-short", seconds=validity)]
    if product == "zim" and validity > _ZIM_LONGEST_SECONDS:
        return [finding("validity-too-long", length=duration(validity))]
    return []


def duration(seconds: int) -> str:
    """A number of seconds in words, in the two largest units that it has."""
    words: list[str] = []
    for name, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count:,} {name}{'' if count == 1 else 's'}")
        elif words:
            break
    return " ".join(words[:2]) or "0 seconds"
