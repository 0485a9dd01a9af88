"""What AWS documents of the two managed rule groups, as far as a form can meet it.

The source is "Baseline rule groups" and "Known bad inputs" in AWS WAF's developer guide. The rules against cross-site
scripting and traversal are documented by example only; the patterns here are those examples. What AWS really refuses
is shown by nothing here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus, urlencode


@dataclass(frozen=True)
class Request:
    """A request as the firewall sees it. The body is a form's, as a browser sends it."""

    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    cookie: str = ""
    agent: str = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15"
    method: str = "POST"

    @property
    def body(self) -> str:
        return urlencode(self.fields)

    @property
    def texts(self) -> str:
        return "\n".join(unquote_plus(part) for part in (self.path, self.query, self.body, self.cookie))


def _in_any(pattern: str) -> Callable[[Request], bool]:
    return lambda request: re.search(pattern, request.texts, re.IGNORECASE) is not None


RULES: Mapping[str, Callable[[Request], bool]] = {
    "NoUserAgent_HEADER": lambda request: not request.agent,
    "SizeRestrictions_QUERYSTRING": lambda request: len(request.query) > 2_048,
    "SizeRestrictions_Cookie_HEADER": lambda request: len(request.cookie) > 10_240,
    "SizeRestrictions_BODY": lambda request: len(request.body) > 8_192,
    "SizeRestrictions_URIPATH": lambda request: len(request.path) > 1_024,
    "EC2MetaDataSSRF": _in_any(r"169\.254\.169\.254"),
    "GenericLFI": _in_any(r"\.\./|\.\.\\"),
    "RestrictedExtensions": lambda request: bool(re.search(r"\.(log|ini)\b", f"{request.path}?{request.query}")),
    "GenericRFI": _in_any(r"(https?|ftps?|file)://\d{1,3}(\.\d{1,3}){3}"),
    "CrossSiteScripting": _in_any(r"<script|javascript:|\bon(error|load|click)\s*="),
    "JavaDeserializationRCE": _in_any(r"\(java\.lang\.Runtime\)\.getRuntime\(\)\.exec\("),
    "PROPFIND_METHOD": lambda request: request.method == "PROPFIND",
    "ExploitablePaths_URIPATH": lambda request: "web-inf" in request.path.lower(),
    "Log4JRCE": _in_any(r"\$\{jndi:"),
}


def refused(request: Request) -> list[str]:
    """Return the rules that refuse a request."""
    return [name for name, matches in RULES.items() if matches(request)]
