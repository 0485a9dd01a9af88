"""Secrets in the diff: detect-secrets looks at each line that a commit adds, also if a later one removes it.

It runs in the environment of ci/tools.lock. Not searched: passwords in addresses, of which tests are full, and what
only looks random, of which locks and digests are full.
"""

from ci.checkout import new_commits
from ci.stage import Stopped, head, main, run
from ci.waivers import waived
from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings
from unidiff import PatchSet, UnidiffParseError

KINDS = (
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)


def found_in(diff: str) -> set[str]:
    """Return PATH:KIND of each secret in the added lines of a diff.

    Each line by itself, because detect-secrets' own `scan_diff` leaves out files that are not there any more. Without
    filters, because its comment that allows a line has neither owner nor end.
    """
    found = set()
    try:
        files = PatchSet.from_string(diff)
    except UnidiffParseError as error:
        raise Stopped(f"a diff of git cannot be read: {error}") from None
    with transient_settings({"plugins_used": [{"name": kind} for kind in KINDS], "filters_used": []}):
        for file in files:
            for line in (line for hunk in file for line in hunk if line.is_added):
                found |= {f"{file.path}:{each.type}" for each in scan_line(line.value)}
    return found


def work() -> str:
    """Look at all commits of the change."""
    commits = new_commits(head())
    found = {
        f"{one}: {secret}"
        for one in commits
        for secret in found_in(run("git", "show", "--format=", "--no-color", "--no-ext-diff", "-m", one))
    }
    allowed = waived("secrets")
    if left := sorted(each for each in found if each.partition(": ")[2] not in allowed):
        raise Stopped(
            f"a secret is in the change: {', '.join(left)}; revoke it where it is valid, and take it out of the commits"
        )
    return f"no secret in {len(commits)} commits"


if __name__ == "__main__":
    main(work)
