"""`make cost`: writes docs/cost.md from measured.json, prices.py and the template. Nothing here asks AWS."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import prices
from benchmarks.prices import Price
from local.build import ROOT
from zego_service.issuing.revocations import READ_SECONDS
from zego_service.settings import Settings

PAGE = ROOT / "docs" / "cost.md"
MEASURED = Path(__file__).with_name("measured.json")  # by `make load`
TEMPLATE = Path(__file__).with_name("cost.template.md")
RATES = (1, 10, 1_000)  # tokens a second
_MILLION = 1_000_000
_MONTH_SECONDS = 30.44 * 86_400
_GB = 1e9
# Assumptions, all of them stated on the page.
TABLE_SECONDS = 0.005  # DynamoDB's answer to the quota's write
ACCESS_LOG_BYTES = 450
START_SHARE = 0.001  # of requests that start a process
ROUTE_METRICS, OWN_METRICS = 6, 3
CPU_MB = 1769  # the memory with which Lambda gives one processor
MEMORY_MB, LOG_DAYS = 512, 30  # the template's defaults
ROWS_A_SECOND, BATCH_ROWS, PROVISIONER_GB, EXPRESS_GB = 1_500, 500, 1, 0.0625
Row = tuple[str, str, Price, float]


class Durations:
    """What `make load` has measured, as Lambda would bill it."""

    def __init__(self) -> None:
        measured = json.loads(MEASURED.read_text(encoding="utf-8"))
        share = MEMORY_MB / CPU_MB
        self.date, self.machine = measured["date"], measured["machine"]
        self.cpu_ms, self.start_cpu_ms = measured["request_cpu_ms"], measured["start_cpu_ms"]
        self.request: float = self.cpu_ms / 1e3 / share + TABLE_SECONDS
        self.start: float = self.start_cpu_ms / 1e3 / share
        self.logged_bytes, self.answered_bytes = measured["logged_bytes"], measured["answered_bytes"]

    @property
    def mean(self) -> float:
        """Seconds of a request, with its part of the starts."""
        return self.request + START_SHARE * self.start


def processes_at(rate: float, durations: Durations) -> int:
    """Processes that are busy at a time, on average, rounded up."""
    return math.ceil(rate * durations.mean)


def traced_share(rate: float) -> float:
    """The share of requests that X-Ray records by its default rule: one a second, and 5 % of the rest."""
    return min(1.0, (1 + 0.05 * max(rate - 1, 0)) / rate)


def items_of_a_million(rate: float, durations: Durations) -> Iterator[Row]:
    """What a million tokens cost at a rate, item by item."""
    seconds = _MILLION / rate
    processes = processes_at(rate, durations)
    settings = Settings()
    gb_seconds = durations.mean * _MILLION * MEMORY_MB / 1024
    logs = (durations.logged_bytes + ACCESS_LOG_BYTES) * _MILLION / _GB
    sent = durations.answered_bytes * _MILLION / _GB
    reads = processes * seconds / READ_SECONDS
    secret_reads = processes * seconds / settings.secret_ttl_seconds + START_SHARE * _MILLION
    yield "API Gateway, HTTP API", f"{_MILLION:,}", prices.HTTP_API, _MILLION
    yield "Lambda, requests", f"{_MILLION:,}", prices.LAMBDA_REQUEST, _MILLION
    yield (
        f"Lambda, {durations.mean * 1e3:.0f} ms each",
        f"{gb_seconds:,.0f} GB-seconds",
        prices.LAMBDA_ARM64,
        gb_seconds,
    )
    yield "DynamoDB, quota", f"{_MILLION:,} writes", prices.DYNAMODB_WRITE, _MILLION
    yield "DynamoDB, revocations", f"{reads:,.0f} reads", prices.DYNAMODB_READ, reads
    yield "Secrets Manager", f"{secret_reads:,.0f} reads", prices.SECRET_READ, secret_reads
    yield "CloudWatch Logs, taken in", f"{logs:.2f} GB", prices.LOGS_IN, logs
    yield (
        f"CloudWatch Logs, kept {LOG_DAYS} days",
        f"{logs:.2f} GB",
        prices.LOGS_KEPT,
        logs * LOG_DAYS / 30.44,
    )
    traces = traced_share(rate) * _MILLION
    yield f"X-Ray, {traced_share(rate):.1%} of requests", f"{traces:,.0f}", prices.TRACE, traces
    yield "Data to the internet", f"{sent:.2f} GB", prices.DATA_OUT, sent


def fixed_items() -> Iterator[Row]:
    """What the stack costs in a month in which nothing happens."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    alarms = len(re.findall(r"Type: AWS::CloudWatch::Alarm$", template, re.MULTILINE))
    yield "KMS key", "1", prices.KMS_KEY, 1
    yield "Secret", "1", prices.SECRET, 1
    yield "Alarms", f"{alarms}", prices.ALARM, alarms


def metric_items() -> Iterator[Row]:
    """What each month costs in which the API is used."""
    yield "Metrics of the service, with its reasons", f"{OWN_METRICS}", prices.METRIC, OWN_METRICS
    yield "Metrics of the route", f"{ROUTE_METRICS}", prices.METRIC, ROUTE_METRICS


def items_of_a_roster() -> Iterator[Row]:
    """What provisioning a million rows of a roster costs."""
    seconds, batches = _MILLION / ROWS_A_SECOND, _MILLION / BATCH_ROWS
    yield "DynamoDB writes, a row of some 250 bytes", f"{_MILLION:,}", prices.DYNAMODB_WRITE, _MILLION
    yield "Lambda, arm64, 1 GB", f"{seconds:,.0f} s", prices.LAMBDA_ARM64, seconds * PROVISIONER_GB
    yield "Lambda requests", f"{batches:,.0f}", prices.LAMBDA_REQUEST, batches
    yield "Express requests", f"{batches:,.0f}", prices.EXPRESS_REQUEST, batches
    yield "Express duration, 64 MB", f"{seconds:,.0f} s", prices.EXPRESS_DURATION, seconds * EXPRESS_GB
    yield "S3, parts and results: writes", f"{batches:,.0f}", prices.S3_WRITE, batches
    yield "S3, parts and results: reads", f"{batches:,.0f}", prices.S3_READ, batches


def table(rows: Iterable[Row]) -> tuple[list[str], float]:
    """The rows as Markdown with their sum, and the sum."""
    lines, total = ["| item | how much | price | dollars |", "|---|---:|---|---:|"], 0.0
    for item, amount, price, units in rows:
        dollars = price.of(units)
        total += dollars
        lines.append(f"| {item} | {amount} | [{price.text}]({price.page}) | {_dollars(dollars)} |")
    return [*lines, f"| **in all** | | | **{total:,.2f}** |"], total


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 0.01 else f"{amount:.4f}"


def rates_table(durations: Durations) -> list[str]:
    """What each rate needs, and what it costs in a month."""
    fixed = table(fixed_items())[1] + table(metric_items())[1]
    per_million = {rate: table(items_of_a_million(rate, durations))[1] for rate in RATES}
    processes = {rate: processes_at(rate, durations) for rate in RATES}
    ttl = Settings().secret_ttl_seconds
    columns = {
        "tokens a month": [f"{rate * _MONTH_SECONDS / _MILLION:,.1f} million" for rate in RATES],
        "busy processes of Lambda, on average": [f"{processes[rate]:,}" for rate in RATES],
        "of an account's 1,000 processes": [f"{processes[rate] / 1_000:.1%}" for rate in RATES],
        "starts a minute": [f"{rate * 60 * START_SHARE:,.2f}" for rate in RATES],
        "DynamoDB writes a second": [f"{rate:,}" for rate in RATES],
        "DynamoDB reads a second, at most": [f"{processes[rate] / READ_SECONDS:,.1f}" for rate in RATES],
        "Secrets Manager reads a minute": [f"{processes[rate] * 60 / ttl:,.1f}" for rate in RATES],
        "`ThrottlingRateLimit` (the default is 100)": ["100", "100", f"{2 * RATES[-1]:,}"],
        "dollars for a million tokens": [f"{per_million[rate]:.2f}" for rate in RATES],
        "dollars a month, with all fixed costs": [
            f"{fixed + per_million[rate] * rate * _MONTH_SECONDS / _MILLION:,.0f}" for rate in RATES
        ],
    }
    heads = " | ".join(f"{rate:,} a second" for rate in RATES)
    return [
        f"| | {heads} |",
        "|---|" + "---:|" * len(RATES),
        *(f"| {name} | {' | '.join(cells)} |" for name, cells in columns.items()),
    ]


def page() -> str:
    """docs/cost.md."""
    durations = Durations()
    tables = {
        "million": table(items_of_a_million(RATES[1], durations)),
        "fixed": table(fixed_items()),
        "metrics": table(metric_items()),
        "roster": table(items_of_a_roster()),
    }
    return TEMPLATE.read_text(encoding="utf-8").format(
        **{f"{name}_items": "\n".join(lines) for name, (lines, _) in tables.items()},
        **{f"{name}_total": f"{total:.2f}" for name, (_, total) in tables.items()},
        rates="\n".join(rates_table(durations)),
        durations=durations,
        as_of=prices.AS_OF,
        region=prices.REGION,
        memory_mb=MEMORY_MB,
        share=f"{MEMORY_MB / CPU_MB:.2f}",
        table_ms=f"{TABLE_SECONDS * 1e3:.0f}",
        request_ms=f"{durations.request * 1e3:.0f}",
        start_ms=f"{durations.start * 1e3:,.0f}",
        requests_a_start=f"{1 / START_SHARE:,.0f}",
        secret_seconds=Settings().secret_ttl_seconds,
        revocations_seconds=READ_SECONDS,
        access_log_bytes=ACCESS_LOG_BYTES,
        rows_a_second=f"{ROWS_A_SECOND:,}",
        batch_rows=BATCH_ROWS,
        storage=f"{prices.DYNAMODB_STORAGE.of(0.25) + prices.DYNAMODB_RECOVERY.of(0.25):.2f}",
        joins=f"{2 * prices.DYNAMODB_READ.of(_MILLION) + prices.DYNAMODB_WRITE.of(_MILLION):.2f}",
    )


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written.")


if __name__ == "__main__":
    main()
