"""SQL for the tables of `tables.py`, whose names, columns and types are our own constants."""

from collections.abc import Iterable

from marketday.handback.tables import CopiedTable

# Digests are made from printed rows, so both sides have to print values in the same way, with any server settings.
PRINTING = "SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET bytea_output = 'hex'; SET extra_float_digits = 1"


def quoted(names: Iterable[str]) -> str:
    """Return SQL identifiers, quoted and separated by commas."""
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)


def digests(table: CopiedTable, schema: str, rows: str) -> str:
    """Return the query of keys and row digests, in the order of the keys' bytes."""
    key = f"ROW({quoted(table.key)})::text"
    return (
        f"SELECT {key} AS key, "  # noqa: S608 - see above
        f"sha256(convert_to(ROW({quoted(table.columns)})::text, 'UTF8')) AS sha256 "
        f'FROM {quoted([schema])}.{quoted([table.name])} WHERE {rows} ORDER BY {key} COLLATE "C"'
    )


def rows(table: CopiedTable, schema: str) -> str:
    """Return the query of the drop's rows."""
    return f"SELECT {quoted(table.columns)} FROM {quoted([schema])}.{quoted([table.name])} WHERE {table.rows}"  # noqa: S608 - see above


def create_table(table: CopiedTable, schema: str) -> str:
    """Return the statement that makes a staging table, with the columns and the key but no other constraint."""
    parts = [f"{quoted([name])} {kind}" for name, kind in table.columns.items()]
    key = f"PRIMARY KEY ({quoted(table.key)})"
    return f"CREATE TABLE {quoted([schema])}.{quoted([table.name])} ({', '.join([*parts, key])})"


def drop_table(table: CopiedTable, schema: str) -> str:
    """Return the statement that removes a staging table."""
    return f"DROP TABLE IF EXISTS {quoted([schema])}.{quoted([table.name])}"


def insert(table: CopiedTable, schema: str) -> str:
    """Return the statement that writes one row, if its key is not there yet."""
    places = ", ".join(f"${number}" for number in range(1, len(table.columns) + 1))
    return (
        f"INSERT INTO {quoted([schema])}.{quoted([table.name])} ({quoted(table.columns)}) "  # noqa: S608 - see above
        f"VALUES ({places}) ON CONFLICT DO NOTHING"
    )
