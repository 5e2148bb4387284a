"""A bare Textual program with one table, beside which the console is measured."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns("ID", "NAME", "STATE")
        for number in range(30):
            table.add_row(str(number), f"row {number}", "ok")


if __name__ == "__main__":
    Bare().run()
