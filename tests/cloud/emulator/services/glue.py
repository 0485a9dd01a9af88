"""Glue."""

from typing import Any

from moto.glue.models import GlueBackend

from emulator.patching import around


# What is gone has no tags; moto goes on telling of a database's.
@around(GlueBackend)
def delete_database(delete: Any, self: Any, database_name: str) -> None:
    delete(self, database_name)
    arn = f"arn:aws:glue:{self.region_name}:{self.account_id}:database/{database_name}"
    self.tagger.delete_all_tags_for_resource(arn)
