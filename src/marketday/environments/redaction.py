"""Removes secrets from texts for people: an error's text may contain a password in an address, a key or a token. Pure.

The patterns fit texts of Terraform, git, SSH, PostgreSQL, Slack and AWS. A value after a name such as `password` is
removed too.
"""

import re

HIDDEN = "[removed]"

_WHOLE = [
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"https://hooks\.slack(?:-gov)?\.com/\S+"),
    re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"),  # a JSON web token
    re.compile(r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[abposr]-[\w-]{10,})"),
    re.compile(r"(?<=[?&])X-Amz-(?:Signature|Security-Token|Credential)=[^&\s]+"),
]
_IN_ADDRESS = re.compile(r"(?<=://)(?!git@)[^\s/]+(?=@)")  # user:password@, or only a token
_NAMED = re.compile(
    r"""(?ix)
    (?<![:\w.-]) (?P<name> [\w.-]*
              (?: password | passwd | secret (?!_arn|smanager) (?:_?access)?(?:_?key)? | token | api_?key
              | auth(?:orization)? | credential ) [\w]* ["']? \s* [:=] \s* (?:bearer\s+|basic\s+)? )
    (?P<value> "[^"]*" | '[^']*' | [^\s,;)}\]]+ )
    """
)


def redacted(text: str) -> str:
    """Return `text` without what looks like a secret."""
    for pattern in _WHOLE:
        text = pattern.sub(HIDDEN, text)
    text = _IN_ADDRESS.sub(HIDDEN, text)
    return _NAMED.sub(lambda found: f"{found['name']}{HIDDEN}", text)
