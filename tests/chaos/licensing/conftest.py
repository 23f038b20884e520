"""What was measured is shown at the end of a run: `pytest tests/chaos/licensing`."""

import pytest

from tests.chaos.licensing.processes import Measured


@pytest.fixture
def measured(record_property: Measured) -> Measured:
    """Takes a sentence and a number for the table at the end."""
    return record_property


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each number."""
    reports = [one for one in terminalreporter.getreports("passed") if one.when == "call"]
    lines = [(one.nodeid.rpartition("/")[2], *said) for one in reports for said in one.user_properties]
    if lines:
        terminalreporter.section("measured")
        for name, what, value in lines:
            terminalreporter.write_line(f"{name}: {what}: {value}")
