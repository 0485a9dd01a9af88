"""Show a day in the terminal: steps, addresses and figures; only plain lines if it is not a terminal."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from marketday.crowd.report.texts import text

_PLAIN_EVERY_SECONDS = 5.0


class _Step:
    def __init__(self, words: str) -> None:
        self.words = words
        self.began = time.monotonic()
        self.seconds: float | None = None
        self.note = ""


class DemoScreen:
    """Shows one day. Use it as a context manager; all texts come from the report's catalogues in `lang`."""

    def __init__(self, console: Console, lang: str) -> None:
        """Show on `console`: live in a terminal, otherwise line by line."""
        self.console = console
        self.lang = lang
        self._steps: list[_Step] = []
        self._places: dict[str, str] = {}
        self._figures: dict[str, str] = {}
        self._told_at = 0.0
        self._live = Live(get_renderable=self._picture, console=console, refresh_per_second=4, transient=False)

    def step(self, name: str) -> None:
        """Begin the step `name`, whose text is `day.<name>`, and end the previous step."""
        self.begin(text(self.lang, f"day.{name}"))

    def begin(self, words: str) -> None:
        """Begin a step that is called `words`, and end the previous step."""
        self.done()
        self._steps.append(_Step(words))
        if not self.console.is_terminal:
            self.console.print(f"· {words}", markup=False, soft_wrap=True)

    def done(self, note: str = "") -> None:
        """End the current step; `note` is shown after it."""
        if self._steps and self._steps[-1].seconds is None:
            step = self._steps[-1]
            step.seconds = time.monotonic() - step.began
            step.note = note or step.note
            if not self.console.is_terminal:
                self.console.print(f"  ✓ {step.seconds:.1f} s {step.note}".rstrip(), markup=False, soft_wrap=True)

    def places(self, places: Mapping[str, str]) -> None:
        """Show addresses for a browser, each with its text `place.<name>`."""
        new = {name: address for name, address in places.items() if self._places.get(name) != address}
        self._places.update(new)
        if not self.console.is_terminal:
            for name, address in new.items():
                self.console.print(f"  {text(self.lang, f'place.{name}')}: {address}", markup=False, soft_wrap=True)

    def figures(self, figures: Mapping[str, str]) -> None:
        """Show the current figures, each with its text `live.<name>`."""
        self._figures = dict(figures)
        if not self.console.is_terminal and time.monotonic() - self._told_at > _PLAIN_EVERY_SECONDS:
            self._told_at = time.monotonic()
            self.console.print(f"  {self._figures_line().plain}", markup=False, soft_wrap=True)

    def say(self, words: str) -> None:
        """Print a line above the live part."""
        self.console.print(words, markup=False, soft_wrap=True)

    def __enter__(self) -> Self:
        """Start the display."""
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the display; its last state stays visible."""
        if kind is None:
            self.done()
        if self.console.is_terminal:
            self._live.stop()

    def _picture(self) -> Group:
        steps = Table.grid(padding=(0, 1))
        for step in self._steps:
            mark = Text("✓", style="green") if step.seconds is not None else Spinner("dots", style="magenta")
            seconds = step.seconds if step.seconds is not None else time.monotonic() - step.began
            words = Text(step.words, style="" if step.seconds is None else "dim")
            steps.add_row(mark, words, Text(f"{seconds:5.1f} s", style="dim"), Text(step.note, style="dim"))
        parts: list[Table | Text] = [steps]
        if self._places:
            parts.append(self._places_line())
        if self._figures:
            parts.append(self._figures_line())
        return Group(*parts)

    def _places_line(self) -> Text:
        line = Text()
        for name, address in self._places.items():
            line.append(f"{text(self.lang, f'place.{name}')} ", style="dim")
            line.append(f"{address}  ", style=f"cyan link {address}")
        return line

    def _figures_line(self) -> Text:
        line = Text()
        for name, value in self._figures.items():
            line.append(f"{text(self.lang, f'live.{name}')} ", style="dim")
            line.append(f"{value}  ", style="bold")
        return line
