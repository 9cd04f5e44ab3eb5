"""Draw the board: figures, click rates, a slate before and after one event, what shoppers do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from coadapt.cli._play.gauges import Gauges
from coadapt.cli._play.play import Change, Score, Validation
from coadapt.simulation.click_rate import Rate
from coadapt.simulation.worlds.base import World

BAR_WIDTH = 34
ROWS_BESIDE_SLATES = 20
"""Lines that the board needs besides the places of a slate."""

N_DEEDS = 5
PERSONALIZED_STYLE, POPULAR_STYLE = "green", "yellow"


@dataclass(frozen=True)
class Board:
    """Hold what a board shows; `n_past_events` were sent before the first shopper came."""

    url: str
    world: World
    validation: Validation
    gauges: Gauges
    score: Score
    n_past_events: int

    def draw(self, height: int) -> RenderableType:
        """Return the board as it is now, to fit into so many lines."""
        n_places = max(3, min(10, height - ROWS_BESIDE_SLATES))
        beside = Table.grid(expand=True)
        beside.add_column(ratio=1)
        beside.add_column(ratio=1)
        beside.add_row(self._click_rates(), self._deeds())
        return Group(self._head(), beside, self._change(n_places), self._invitation())

    def line(self, passed_s: float) -> str:
        """Return the board as one line, for logs and pipes."""
        events, recommendations = self.gauges.recent_rates()
        return (
            f"{passed_s:5.0f} s  {self.gauges.n_events:,} events ({events:.0f}/s), "
            f"{self.gauges.n_recommendations:,} recommendations ({recommendations:.0f}/s), "
            f"p99 {self.gauges.latency_ms(0.99):.0f} ms, clicks: personalized "
            f"{interval_text(self.score.personalized.rate())}, popular "
            f"{interval_text(self.score.popular.rate())}, errors {self.gauges.n_errors}"
        )

    def _head(self) -> Panel:
        """Return rates, counts and latencies."""
        events, recommendations = self.gauges.recent_rates()
        gauges = self.gauges
        figures = (
            (f"{events:,.0f}/s", "events"),
            (f"{recommendations:,.0f}/s", "slates"),
            (f"{self.n_past_events + gauges.n_events:,}", "events in all"),
            (f"{gauges.latency_ms(0.5):.0f} ms", "latency p50"),
            (f"{gauges.latency_ms(0.99):.0f} ms", "latency p99"),
            (f"{gauges.n_errors}", "errors"),
        )
        grid = Table.grid(expand=True)
        for _ in figures:
            grid.add_column(justify="center", ratio=1)
        grid.add_row(*(Text(value, style="bold cyan") for value, _ in figures))
        grid.add_row(*(Text(label, style="dim") for _, label in figures))
        valid = self.validation
        judged = (
            f"{valid.method}: NDCG@10 {valid.value:.3f} on held-out events, "
            f"popularity {valid.popularity:.3f}"
        )
        return Panel(
            grid,
            title=f"[bold]coadapt playground[/]  [link={self.url}]{self.url}[/]",
            subtitle=f"[dim]{escape(judged)}[/]",
            border_style="cyan",
        )

    def _click_rates(self) -> Panel:
        """Return both groups' click rates with their intervals."""
        personalized, popular = self.score.personalized.rate(), self.score.popular.rate()
        top = max(rate.high for rate in (personalized, popular))
        seen = f"of {personalized.n_exposures:,} and {popular.n_exposures:,} items seen"
        lines = (
            *_rate_lines("personalized", personalized, top, PERSONALIZED_STYLE),
            *_rate_lines("popular", popular, top, POPULAR_STYLE),
            Text(seen, style="dim"),
        )
        return Panel(Group(*lines), title="click rate, 95 % interval", border_style="dim")

    def _deeds(self) -> Panel:
        """Return the last things that shoppers did, newest first."""
        newest = list(self.score.recent)[-N_DEEDS:][::-1]
        lines = [
            Text.assemble(
                ("● ", POPULAR_STYLE if deed.is_control else PERSONALIZED_STYLE),
                deed.text,
                no_wrap=True,
                overflow="ellipsis",
            )
            for deed in newest
        ]
        lines += [Text("")] * (N_DEEDS - len(lines))
        return Panel(Group(*lines), title="shoppers", border_style="dim")

    def _change(self, n_places: int) -> Panel:
        """Return a slate before and after one event, side by side."""
        change = self.score.change
        title = "one event changes a slate"
        if change is None:
            return Panel("waiting for the first answer", title=title, border_style="dim")
        table = Table.grid(expand=True, padding=(0, 1))
        for width in (2, None, 3, None):
            table.add_column(width=width, ratio=None if width else 1, no_wrap=True)
        seen = ", ".join(map(self._titled, change.seen))
        wanted = self._titled(change.event["item_id"])
        table.add_row(
            "",
            Text.assemble(("after a look at ", "dim"), seen, overflow="ellipsis"),
            "",
            Text.assemble(
                (f"{change.ms_until_changed:.0f} ms", "bold green"),
                (" after adding ", "dim"),
                wanted,
                overflow="ellipsis",
            ),
        )
        places = zip_longest(change.before[:n_places], change.after[:n_places], fillvalue="")
        for place, (before, after) in enumerate(places, start=1):
            move, style = moved(change, place - 1)
            table.add_row(
                Text(str(place), style="dim"),
                Text(self._titled(before), style="" if before in change.after else "dim"),
                Text(move, style=style or "dim"),
                Text(self._titled(after), style=style),
            )
        subtitle = "[dim]a greedy policy: nothing but the event differs[/]"
        return Panel(table, title=title, subtitle=subtitle, border_style="green")

    def _titled(self, item_id: str) -> str:
        """Return what people call an item."""
        goods = self.world.goods
        row = goods.row_of.get(item_id)
        return item_id if row is None else goods.titles[row]

    def _invitation(self) -> Text:
        """Return two commands to try."""
        header = "-H content-type:application/json"
        event = f'{{"type":"like","user_id":"you","item_id":"{self.world.goods.ids[0]}"}}'
        return Text.assemble(
            ("Try it from another terminal; Ctrl-C here ends it.\n", "dim"),
            f"""curl {self.url}/v1/recommend {header} \\\n  -d '{{"user_id":"you"}}'\n""",
            f"curl {self.url}/v1/events {header} \\\n  -d '{event}'",
        )


def _rate_lines(name: str, rate: Rate, top: float, style: str) -> tuple[Text, Text]:
    """Return a click rate with its interval in words, and as a bar."""
    words = Text(f"{name:<12}", style="bold")
    if rate.n_exposures:
        words.append(f" {rate.value:6.1%}", style=f"bold {style}")
        words.append(f"  {rate.low:.1%} to {rate.high:.1%}", style="dim")
    return words, Text.assemble(*bar(rate, top, style))


def bar(rate: Rate, top: float, style: str) -> Sequence[tuple[str, str]]:
    """Return a bar as long as the rate's lower bound, then its interval, then nothing."""
    if not rate.n_exposures:
        return ((" " * BAR_WIDTH, ""),)
    low, high = round(rate.low / top * BAR_WIDTH), round(rate.high / top * BAR_WIDTH)
    high = min(BAR_WIDTH, max(high, low + 1))
    return (("█" * low, style), ("▒" * (high - low), style), (" " * (BAR_WIDTH - high), ""))


def moved(change: Change, place: int) -> tuple[str, str]:
    """Return how the item at a place of the later slate came there, and its style."""
    if place >= len(change.after):
        return "", ""
    item_id = change.after[place]
    if item_id not in change.before:
        return "new", "green"
    steps = change.before.index(item_id) - place
    if steps == 0:
        return "", ""
    return (f"↑{steps}", "") if steps > 0 else (f"↓{-steps}", "")


def interval_text(rate: Rate) -> str:
    """Return a rate with its interval."""
    if not rate.n_exposures:
        return "-"
    return f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}]"
