"""What came out, as tables."""

from rich.console import Console
from rich.table import Table

from benchmarks.truth.findings import Findings
from benchmarks.truth.run import Sent

MOST_MIB = 300
"""The service must not need more, whatever is sent to it."""


def show(findings: Findings, sent: Sent, kills: int, peak_mib: float, console: Console) -> None:
    """Print what was sent, what was compared, and what differs."""
    noted = sent.receipts
    console.print(
        f"{noted.sent:,} events in {noted.batches:,} batches: {noted.accepted:,} accepted, "
        f"{noted.duplicates:,} duplicates, {noted.rejected:,} rejected; {sent.rate:,.0f} events/s with {kills} kills"
    )
    faults = ", ".join(f"{name} {number}" for name, number in sorted(noted.faults.items())) or "none"
    console.print(f"Faults met: {faults}. {noted.in_doubt:,} events were sent more than once for them.")
    is_small = peak_mib < MOST_MIB
    console.print(
        f"Peak memory of the service: {peak_mib:.0f} MiB {'[green]<[/]' if is_small else '[red]≥[/]'} {MOST_MIB}"
    )
    console.print(_table(findings))
    for section in findings.sections:
        for sentence in section.shown:
            console.print(f"[red]{section.name}[/]: ", sentence, markup=True, highlight=False)


def _table(findings: Findings) -> Table:
    table = Table("numbers", title="Held against the truth")
    for name in ("compared", "different"):
        table.add_column(name, justify="right")
    table.add_column("")
    for one in findings.sections:
        verdict = "[green]equal[/]" if one.compared and not one.different else "[red]DIFFERENT[/]"
        table.add_row(one.name, f"{one.compared:,}", f"{one.different:,}", verdict)
    estimates = findings.listeners
    table.add_row(
        "estimates of listeners",
        f"{len(estimates.errors):,}",
        f"{estimates.share:.1%} within {estimates.within:.0%}, worst {estimates.worst:.2%}",
        "[green]near[/]" if estimates.is_met else "[red]TOO FAR[/]",
    )
    return table
