"""What can go wrong with backups and restores."""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class BackupError(MarketdayError):
    """Something is wrong with a backup."""


class BackupFailed(BackupError, Temporary):
    """The backup could not be made or read."""

    slug = "backup-failed"


class BackupRuns(BackupError, Temporary):
    """Another backup, check or restore works there now."""

    kind = Kind.CONFLICT
    slug = "backup-runs"


class BackupUnusable(BackupError, Permanent):
    """This backup cannot be used."""

    kind = Kind.INVALID
    slug = "backup-unusable"


class EndsBefore(BackupUnusable):
    """Nothing was kept that is as late as the moment that is wanted."""


class NoBackup(BackupError, Permanent):
    """There is no such backup."""

    kind = Kind.NOT_FOUND
    slug = "no-backup"


class BackupSettings(BackupError, Permanent):
    """The settings of the backup are not right."""

    kind = Kind.INVALID
    slug = "backup-settings"


class RestoreRefused(BackupError, Permanent):
    """Nothing was restored."""

    kind = Kind.CONFLICT
    slug = "restore-refused"
