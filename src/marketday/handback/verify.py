"""Verify: every row the same in both directions, the sums the same, and the business's equations hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marketday.handback.errors import EquationsBroken
from marketday.handback.model import Difference, Point, Seen, Sum, TableProof, compare, shown
from marketday.handback.tables import TABLES

if TYPE_CHECKING:
    from marketday.handback.postgres.link import LinkSnapshot
    from marketday.handback.postgres.stage import PostgresStage


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing a copy with its source found."""

    tables: Mapping[str, TableProof]
    sums: Sequence[Sum]
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Proof:
    """How a hand-back was verified: at which point, with what result, against whose records, by which equations."""

    point: Point
    comparison: Comparison
    seen: Seen
    equations: Sequence[str]


async def compare_all(snapshot: "LinkSnapshot", stage: "PostgresStage") -> Comparison:
    """Compare every row of every table, and the sums of money, at the snapshot's point."""
    proofs, differences = {}, list[Difference]()
    for table in TABLES:
        source, staged = snapshot.digests(table), stage.digests(table)
        proofs[table.name], found = await compare(table.name, source, staged)
        differences += found
    sums, copied = await snapshot.sums(), await stage.sums()
    for one in sorted(set(sums) ^ set(copied), key=str):
        key = f"{one.state} {one.currency}: {one.rows} rows, {one.amount_minor}"
        differences.append(Difference(f"sum of {one.table}", key, "missing" if one in sums else "extra"))
    return Comparison(proofs, sums, differences)


async def check_equations(stage: "PostgresStage") -> list[str]:
    """Check the business's equations; return the names of those that hold, which are all.

    Raises:
        EquationsBroken: names each equation that does not hold, and what breaks it.

    """
    problems = await stage.problems()
    broken = {name: found for name, found in problems.items() if found}
    if broken:
        text = " | ".join(f"{name}: {shown(found)}" for name, found in broken.items())
        raise EquationsBroken(text, equations=sorted(broken))
    return sorted(problems)
