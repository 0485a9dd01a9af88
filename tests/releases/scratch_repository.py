"""Repositories that are made for a test of a release, and keys for it."""

import subprocess

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

VERSION = "7.8.9"


def git(folder, *words):
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com", "-c", "tag.gpgsign=false")
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def new_key(file):
    key = ec.generate_private_key(ec.SECP256R1())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    public = file.with_suffix(".pub")
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    return key


def commit(folder, words="change"):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", words)


def write(folder, name, old, new):
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")
