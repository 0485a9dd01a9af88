"""What goes to main: the deployment repository's layout, the review, the freeze while a drop is open, the smoke."""

import datetime as dt
import shutil

import pytest
from ci import admission, deployment, freeze, release, render, smoke
from ci.gitops import layout
from ci.gitops.programs import TOOLS
from ci.stage import ROOT, Stopped

from . import ground, standins

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
DIGEST = "sha256:" + "c" * 64


def drop(room, closes, status="coming", *, to_come=False):
    """A drop whose room opens and that closes so many hours from now."""
    room, closes = (NOW + dt.timedelta(hours=hours) for hours in (room, closes))
    return {
        "slug": "dawn-serum",
        "status": status,
        "room_opens_at": room.isoformat(),
        "opens_at": (room + dt.timedelta(minutes=30)).isoformat(),
        "closes_at": closes.isoformat(),
        "orders_to_come": to_come,
    }


@pytest.fixture
def mall(monkeypatch):
    """Ask a stand-in of the mall whether a release may go."""
    monkeypatch.delenv("DELIVERY_DURING_DROP", raising=False)

    def ask(*drops, answer=None, **settings):
        with standins.serving(answer or standins.mall(*drops)) as shop:
            monkeypatch.setenv("DELIVERY_SMOKE_URL", shop.url)
            for name, value in settings.items():
                monkeypatch.setenv(name, value)
            return freeze.refuse_while_open(NOW)

    return ask


@pytest.mark.parametrize(
    "one",
    [
        drop(1.9, 30),
        drop(-1, 5, "room"),
        drop(-1, 5, "open"),
        drop(-1, 5, "coming"),
        drop(-9, -1, "over", to_come=True),
    ],
)
def test_nothing_is_released_while_a_drop_is_near_open_or_not_handed_back(mall, one):
    with pytest.raises(Stopped, match=r"nothing is delivered: the drop dawn-serum is .* or set DELIVERY_DURING_DROP"):
        mall(drop(-99, -90, "over"), one)
    told = mall(one, DELIVERY_DURING_DROP="the mall shows wrong prices, decided by Kim")
    assert told.startswith("although the drop dawn-serum is ")
    assert told.endswith("because: the mall shows wrong prices, decided by Kim")


def test_at_other_times_it_is_released(mall):
    assert mall() == mall(drop(2.1, 9), drop(-9, -1, "over"), drop(-1, 3, "over")) == ""


def test_a_reason_has_to_be_one(mall):
    with pytest.raises(Stopped, match="expected the reason and who decided"):
        mall(DELIVERY_DURING_DROP="yes")


@pytest.mark.parametrize(
    "answer",
    [
        lambda *_: (500, {}),
        lambda *_: (200, []),
        lambda *_: (200, {"drops": [{}]}),
        lambda *_: (200, {"drops": [drop(1, 2) | {"orders_to_come": "no"}]}),
        lambda *_: (200, {"drops": [drop(5, 6) | {"room_opens_at": "2026-11-29T20:00:00"}]}),
        lambda *_: (200, {"drops": None}),
    ],
)
def test_a_mall_that_does_not_say_is_no_permission(mall, answer):
    with pytest.raises(Stopped, match=r"nothing is delivered: .*does not say whether a drop is open"):
        mall(answer=answer)
    assert "although http" in mall(answer=answer, DELIVERY_DURING_DROP="the mall is down, this repairs it: Kim")


def test_an_answer_of_another_time_is_no_permission():
    """A cache, or an answer that somebody kept and gives again, or a clock that is a day wrong, here or there."""
    date = "Sun, 29 Nov 2026 12:00:00 GMT"
    assert freeze.not_now({"Date": date}, NOW) == freeze.not_now({"Date": date, "Age": "60"}, NOW) == ""
    assert "no Date" in freeze.not_now({}, NOW)
    assert "no Date" in freeze.not_now({"Date": "yesterday"}, NOW)
    for headers, here in (
        ({"Date": date}, NOW + dt.timedelta(days=1)),
        ({"Date": date}, NOW - dt.timedelta(minutes=6)),
        ({"Date": date, "Age": "86400"}, NOW),
    ):
        assert "a cache, or a clock" in freeze.not_now(headers, here)


@pytest.mark.parametrize(
    ("content", "headers", "says"),
    [
        (b"<html>All is well</html>", {}, "JSONDecodeError"),
        (b"[" * 100_000, {}, "RecursionError"),
        (b" " * 99, {}, "its answer has no end: 99 bytes"),
        (b'{"drops": []}', {"Date": "Sun, 29 Nov 2020 12:00:00 GMT"}, "its answer is of 2020-11-29 12:00 UTC"),
        (b'{"drops": []}', {"Location": "/elsewhere"}, "it sends on to http://127.0.0.1"),
    ],
)
def test_an_answer_that_is_not_the_mall_s_own_of_now_is_no_permission(monkeypatch, content, headers, says):
    monkeypatch.setattr(freeze, "MOST_BYTES", 98 if content.startswith(b" ") else freeze.MOST_BYTES)
    with standins.raw(content, headers) as url, pytest.raises(Stopped, match="does not say whether") as stopped:
        freeze.open_drops(url, NOW)
    assert says in str(stopped.value)


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_a_reason_that_is_blank_is_none(mall, reason):
    with pytest.raises(Stopped, match="nothing is delivered"):
        mall(drop(-1, 5, "open"), DELIVERY_DURING_DROP=reason)


def test_the_freeze_is_asked_after_everything_that_takes_long(monkeypatch):
    """So no drop comes near between the question and the push."""
    done = []
    monkeypatch.setattr(release, "read", lambda *_: {"commit": "x", "candidate": "c" * 40, "overlay": "prod"})
    monkeypatch.setattr(release, "head", lambda: "x")
    monkeypatch.setattr(release, "clone", lambda _: done.append("clone"))
    monkeypatch.setattr(release, "refuse_while_open", lambda: done.append("ask") or "")
    monkeypatch.setattr(release, "run", lambda *words, seconds, **_: done.append((words[1], seconds)))
    monkeypatch.setattr(release, "write", lambda *_: None)
    release.work()
    assert done == ["clone", "ask", ("push", release.PUSH_SECONDS)]
    assert dt.timedelta(seconds=release.PUSH_SECONDS) < freeze.BEFORE / 10


def test_an_address_is_needed(monkeypatch):
    with pytest.raises(Stopped, match="expected one that begins with https"):
        freeze.open_drops("file:///etc", NOW)
    monkeypatch.delenv("DELIVERY_SMOKE_URL", raising=False)
    with pytest.raises(Stopped, match="DELIVERY_SMOKE_URL is not set"):
        freeze.refuse_while_open(NOW)


# Smoke


@pytest.fixture
def running(monkeypatch, tmp_path):
    def ask(told, name="mall"):
        kubectl = ground.write_program(tmp_path / "kubectl", standins.program(told))
        monkeypatch.setenv("DELIVERY_KUBECTL", kubectl)
        return smoke.running(name, DIGEST)

    return ask


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, ""),
        ({"phase": "Progressing"}, "mall is Progressing"),
        ({"phase": "Paused", "message": "CanaryPauseStep"}, "mall is Paused: CanaryPauseStep"),
        ({"stableRS": "old"}, "mall is Healthy"),
        ({"observedGeneration": "2"}, "not looked at yet"),
        ({"readyReplicas": 1}, "mall has 1 of 2 pods ready"),
    ],
)
def test_a_canary_is_waited_for(running, options, says):
    told = running(standins.rollout(f"x/marketday/mall@{DIGEST}", **options))
    assert says in told
    assert bool(told) == bool(says)


@pytest.mark.parametrize("options", [{"phase": "Degraded"}, {"phase": "Progressing", "abort": True}])
def test_a_canary_that_was_stopped_stops_the_stage(running, options):
    with pytest.raises(Stopped, match="mall was stopped, and the version before serves: errors-percent"):
        running(standins.rollout(f"x/marketday/mall@{DIGEST}", message="errors-percent", **options))


# Layout and review


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A clone of a deployment repository."""
    if not (TOOLS / "bin" / "helm").exists():
        pytest.skip("helm is not installed in .venv-manifests; `make gitops` installs it")
    folder = tmp_path_factory.mktemp("fresh")
    bare = ground.deployment_repository(folder, ROOT, ground.write_keys(folder)[1])
    ground.git("clone", "--quiet", bare, folder / "clone", cwd=folder)
    return folder / "clone"


@pytest.fixture
def clone(fresh, tmp_path, monkeypatch):
    """A clone of a deployment repository whose origin/main is what it has."""
    folder = shutil.copytree(fresh, tmp_path / "clone")
    monkeypatch.setenv("DELIVERY_PUBLIC_KEY", str(fresh.with_name("public.pem")))
    monkeypatch.setattr(render, "FOLDER", tmp_path / "delivery")
    monkeypatch.setattr(render, "by_trivy", lambda *_: [])  # it takes long; `make gitops` and `make pipeline` run it
    monkeypatch.setattr(deployment.layout, "of_commit", lambda *_: ROOT)  # the files here, committed or not
    monkeypatch.delenv("DELIVERY_CONTRACT", raising=False)
    return folder


def review(tmp_path):
    return (tmp_path / "delivery" / "review.md").read_text("utf-8")


def test_a_delivery_shows_what_it_changes(clone, tmp_path, monkeypatch):
    monkeypatch.setattr(render.layout, "of_commit", layout_of_commit(clone))
    before = ground.git("rev-parse", "HEAD", cwd=clone)
    account = (clone / "staging" / "argocd" / "overlays" / "staging" / "account.yaml").read_text("utf-8")
    assert deployment.write_digests("any", clone / "staging", "staging", {"mall": DIGEST}) == ["mall"]
    assert (clone / "staging" / "argocd" / "overlays" / "staging" / "account.yaml").read_text("utf-8") == account
    assert ground.git("rev-parse", "HEAD", cwd=clone) == before
    page = tmp_path / "page.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    told = render.look(clone, "staging", None)
    assert told.startswith("3 objects differ from main; not rendered: staging/argo-cd")
    text = review(tmp_path)
    assert page.read_text("utf-8") == text
    assert f"+      - image: {ground.ACCOUNT}" not in text
    assert f"@{DIGEST}" in text
    for what in ("**changed** Rollout/mall", "**removed** Job/migrate-contract", "**removed** ConfigMap/contract"):
        assert what in text
    assert "prod/" not in text


def layout_of_commit(clone):
    """What main has: the clone before anything was changed."""
    kept = clone.with_name("main-before")
    shutil.copytree(clone, kept, ignore=shutil.ignore_patterns(".git"))
    return lambda _, commit, __: kept if commit == "origin/main" else ROOT


# File, what is changed in it, and what is said; all at once, because each rendering takes a second.
BAD = [
    ("overlays/staging/account.yaml", "mall.staging.market.day", "mall.staging.example.com", "ng.example.com"),
    ("overlays/staging/database-ca.pem", "BEGIN CERTIFICATE", "nothing", "has no certificate"),
    ("base/mall.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "confinement: Rollout/mall"),
    ("argocd/base/services.yaml", "prune: true, selfHeal: true", "prune: true", "expected prune and selfHeal"),
    ("argocd/base/services.yaml", "namespace: marketday", "namespace: kube-system", "the namespace kube-system"),
    ("overlays/staging/kustomization.yaml", ground.BUILT, "sha256:" + "0" * 64, "the digest of the example"),
    ("argocd/overlays/staging/account.yaml", f"registry: {ground.ACCOUNT}", "registry: 777788889999", "is for 4444"),
]  # fmt: skip


def test_what_must_not_get_to_main_is_stopped_and_in_the_review(clone, tmp_path, monkeypatch):
    monkeypatch.setattr(render.layout, "of_commit", layout_of_commit(clone))
    for file, old, new, _ in BAD:
        changed = clone / "staging" / file
        text = changed.read_text("utf-8")
        assert old in text
        changed.write_text(text.replace(old, new), "utf-8")
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("DELIVERY_PUBLIC_KEY", str(ground.write_keys(tmp_path / "other")[1]))
    with pytest.raises(Stopped, match="the manifests of staging are refused") as stopped:
        render.look(clone, "staging", None)
    assert "staging/delivery: admission: its key is not the one in DELIVERY_PUBLIC_KEY" in str(stopped.value)
    assert [says for *_, says in BAD if says not in str(stopped.value)] == []
    assert "## Findings: " in review(tmp_path)


def test_a_public_key_is_needed(clone, tmp_path, monkeypatch):
    monkeypatch.setenv("DELIVERY_PUBLIC_KEY", str(tmp_path / "none"))
    with pytest.raises(Stopped, match="there is no public key in"):
        render.look(clone, "staging", None)


def test_globs_are_read_as_policy_controller_reads_them():
    image = f"1.example/marketday/mall@{DIGEST}"
    taken = ("1.example/marketday/*", "1.example/**", "**", f"1.example/marketday/mall@{DIGEST}")
    assert all(admission.matches(glob, image) for glob in taken)
    refused = ("1.example/*", "1.example/marketday", "*", "1xexample/marketday/*", "1.example/marketday/mall")
    assert not any(admission.matches(glob, image) for glob in refused)


def test_the_second_half_of_the_migrations_is_delivered_only_if_somebody_says_so(clone, monkeypatch):
    file = clone / "staging" / "overlays" / "staging" / "kustomization.yaml"
    for wish, count in (("no", 0), ("yes", 1)):
        monkeypatch.setenv("DELIVERY_CONTRACT", wish)
        deployment.write_digests("any", clone / "staging", "staging", {"mall": DIGEST})
        assert file.read_text("utf-8").count("components/contract") == count
    monkeypatch.setenv("DELIVERY_CONTRACT", "maybe")
    with pytest.raises(Stopped, match="expected yes or no"):
        deployment.write_digests("any", clone / "staging", "staging", {"mall": DIGEST})


def test_an_account_without_its_files_is_told_which(clone):
    (clone / "staging" / "argocd" / "overlays" / "staging" / "sign-in.yaml").unlink()
    with pytest.raises(Stopped, match=r"has no staging/argocd/overlays/staging/sign-in\.yaml; expected your account's"):
        deployment.write_digests("any", clone / "staging", "staging", {})


def test_charts_are_a_decision(monkeypatch, tmp_path):
    monkeypatch.delenv("DELIVERY_CHARTS", raising=False)
    with pytest.raises(Stopped, match="DELIVERY_CHARTS is not set; expected a folder"):
        render.charts()
    monkeypatch.setenv("DELIVERY_CHARTS", str(tmp_path / "none"))
    with pytest.raises(Stopped, match="expected a folder, or the word none"):
        render.charts()
    monkeypatch.setenv("DELIVERY_CHARTS", "none")
    assert render.charts() is None


def test_the_repository_s_address_is_never_an_option(monkeypatch):
    monkeypatch.setenv("DELIVERY_REPOSITORY", "--upload-pack=touch /tmp/gitops-was-here")
    with pytest.raises(Stopped, match="has no branch main that can be read"):
        deployment.clone("main")
    assert layout.start_of("prod") == "prod/argocd/overlays/prod"
