"""A backup in a bucket of S3: what is kept, and what a bucket's refusals are told as. Moto stands for S3."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from marketday.provisioners.local.backup.errors import BackupFailed, BackupSettings, NoBackup
from marketday.provisioners.local.backup.key import make_key
from marketday.provisioners.local.backup.model import SEGMENT_BYTES
from marketday.provisioners.local.backup.s3 import open_bucket
from marketday.provisioners.local.backup.vault import Vault, open_place

SEGMENT = "000000010000000000000001"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in (("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="shop-backup")
        yield client


def test_a_backup_in_a_bucket_comes_back(s3: Any, tmp_path: Path):
    place, key = open_place("s3://shop-backup/mall/"), make_key(tmp_path / "key")
    assert place.address == "s3://shop-backup/mall"
    vault = Vault.make(place, key)
    vault.put_segment("mall", SEGMENT, b"somebody@example.com".ljust(SEGMENT_BYTES, b"\0"))
    again = Vault.open(place, key)
    assert again.id == vault.id
    assert again.segments("mall") == [SEGMENT]
    assert again.segment("mall", SEGMENT).startswith(b"somebody")
    stored = s3.get_object(Bucket="shop-backup", Key=f"mall/wal/mall/{SEGMENT}")["Body"].read()
    assert b"somebody" not in stored
    part = vault.put_part("20261129T120000Z-0123abcd", "files", io.BytesIO(b"x" * 100))
    assert part.raw_size == 100
    assert vault.unfinished() == ["20261129T120000Z-0123abcd"]
    vault.remove_snapshot("20261129T120000Z-0123abcd")
    vault.remove_segments("mall", [SEGMENT])
    assert place.names("") == ["marketday-backup"]


@pytest.mark.parametrize(
    ("address", "error", "said"),
    [
        ("s3://", BackupSettings, "names no bucket"),
        ("s3://Not A Bucket", BackupFailed, "Not A Bucket"),
        ("gs://shop-backup", BackupSettings, "expected a folder, or s3://"),
        ("s3://missing-bucket/x", BackupFailed, "there is no such bucket"),
        ("s3://shop-backup/empty", NoBackup, "has no backup of Marketday"),
    ],
)
def test_a_place_that_is_none_is_told(s3: Any, tmp_path: Path, address: str, error: type[Exception], said: str):
    key = make_key(tmp_path / "key")
    with pytest.raises(error, match=said):
        Vault.open(open_place(address), key)


def test_a_refusal_is_told(s3: Any, monkeypatch: pytest.MonkeyPatch):
    place = open_bucket("s3://shop-backup", None)

    def denied(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "PutObject")

    monkeypatch.setattr(place.client, "upload_fileobj", denied)
    with pytest.raises(BackupFailed, match="access is denied; expected a role"):
        place.put("marketday-backup", lambda _: None)


def test_a_server_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with pytest.raises(BackupFailed, match=r"127\.0\.0\.1:1"):
        open_bucket("s3://shop-backup", "http://127.0.0.1:1").names("")
