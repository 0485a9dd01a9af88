"""SQL over tables whose columns are found at run time. Every identifier comes from `model.TABLES` or the catalogue."""

from collections.abc import Iterable, Sequence

from marketday.handback.model import Table

# Both sides print values alike, whatever their servers are set to: digests are taken of the printed rows.
PRINTING = "SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET bytea_output = 'hex'; SET extra_float_digits = 1"


def quoted(names: Iterable[str]) -> str:
    """Return SQL identifiers, quoted and separated by commas."""
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)


def digests(table: Table, columns: Sequence[str], schema: str, rows: str) -> str:
    """Return the query of keys and row digests, in the order of the keys' bytes."""
    key = f"ROW({quoted(table.key)})::text"
    return (
        f"SELECT {key} AS key, "  # noqa: S608 - see above
        f"sha256(convert_to(ROW({quoted(columns)})::text, 'UTF8')) AS sha256 "
        f'FROM {quoted([schema])}.{quoted([table.name])} WHERE {rows} ORDER BY {key} COLLATE "C"'
    )


def rows(table: Table, columns: Sequence[str]) -> str:
    """Return the query of the drop's rows."""
    return f"SELECT {quoted(columns)} FROM public.{quoted([table.name])} WHERE {table.rows}"  # noqa: S608 - see above


def create_table(table: Table, columns: Iterable[tuple[str, str]], schema: str) -> str:
    """Return the statement that makes a staging table: the columns and the key, no other constraint."""
    parts = [f"{quoted([name])} {kind}" for name, kind in columns]
    key = f"PRIMARY KEY ({quoted(table.key)})"
    return f"CREATE TABLE {quoted([schema])}.{quoted([table.name])} ({', '.join([*parts, key])})"
