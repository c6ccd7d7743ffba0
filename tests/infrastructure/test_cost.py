"""docs/cost.md: what the command prints, from prices that are in one place."""

import re

import pytest

from benchmarks import cost, prices
from benchmarks.prices import Price
from tests.factories import ROOT
from tests.infrastructure.cloudformation import of_type, transformed

PRICES = [price for price in vars(prices).values() if isinstance(price, Price)]


def test_the_page_is_what_the_command_writes() -> None:
    assert (ROOT / "docs/cost.md").read_text(encoding="utf-8") == cost.page()


@pytest.mark.parametrize("price", PRICES, ids=lambda price: price.text)
def test_a_price_names_its_unit_and_the_page_that_lists_it(price: Price) -> None:
    assert price.dollars > 0
    assert price.units >= 1
    assert price.page.startswith("https://aws.amazon.com/")
    assert price.of(3 * price.units) == pytest.approx(3 * price.dollars)


def test_prices_are_in_one_place() -> None:
    """No other page states the price of a unit."""
    pages = [page for page in (ROOT / "docs").glob("*.md") if page.name != "cost.md"]

    assert re.match(r"\d{4}-\d\d-\d\d$", prices.AS_OF)
    assert [
        page.name
        for page in pages
        if re.search(r"\b0\.625\b|a million \||\bdollars a month\b", page.read_text())
    ] == []


@pytest.mark.parametrize("rate", [*cost.RATES, 0.1, 37])
def test_each_table_adds_up(rate: float) -> None:
    durations = cost.Durations()
    for items in (
        cost.items_of_a_million(rate, durations),
        cost.fixed_items(),
        cost.metric_items(),
        cost.items_of_a_roster(),
    ):
        rows = list(items)
        lines, total = cost.table(rows)

        assert total == pytest.approx(sum(price.of(units) for _, _, price, units in rows))
        assert f"**{total:,.2f}**" in lines[-1]
        assert len(lines) == len(rows) + 3


def test_every_alarm_of_the_template_is_paid_for() -> None:
    (alarms,) = (units for item, _, _, units in cost.fixed_items() if item == "Alarms")

    assert alarms == len(of_type(transformed(), "AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize(("rate", "share"), [(0.5, 1), (1, 1), (10, 0.145), (1000, 0.05095)])
def test_x_ray_records_one_a_second_and_a_twentieth_of_the_rest(rate: float, share: float) -> None:
    assert cost.traced_share(rate) == pytest.approx(share)


def test_more_tokens_need_more_processes() -> None:
    durations = cost.Durations()

    processes = [cost.processes_at(rate, durations) for rate in (1, 10, 100, 1_000, 10_000)]

    assert processes == sorted(processes)
    assert processes[-1] == pytest.approx(10_000 * durations.mean, abs=1)
