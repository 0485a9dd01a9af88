import pytest

from marketday.accounts.brake import FAILURES_OF_NETWORK, FAILURES_OF_SITE, network_of, sign_in_counts, sign_up_counts


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        *((rubbish, "unknown") for rubbish in ("", "localhost", "192.0.2", "1.2.3.4.5", "::g", "192.0.2.01")),
    ],
)
def test_an_address_counts_for_its_network_however_it_is_written(address, network):
    assert network_of(address) == network


def test_an_attempt_counts_for_the_account_and_for_the_network():
    assert [count.of for count in sign_in_counts("a@x.kr", "192.0.2.1", None)] == [
        "account a@x.kr",
        "sign-in 192.0.2.1",
    ]
    far = sign_in_counts("a@x.kr", "2001:db8:1:2::7", None)
    assert [(count.of, count.most) for count in far[1:]] == [
        ("sign-in 2001:db8:1:2::/64", FAILURES_OF_NETWORK),
        ("sign-in 2001:db8:1::/48", FAILURES_OF_SITE),
    ]
    assert [count.of for count in sign_up_counts("192.0.2.1")] == ["sign-up 192.0.2.1"]


def test_a_browser_that_the_account_knows_counts_for_itself_alone():
    (count,) = sign_in_counts("a@x.kr", "192.0.2.1", "its token")
    assert count.of == "browser its token"


def test_a_success_clears_no_count_that_others_share():
    shared = [*sign_in_counts("a@x.kr", "2001:db8::1", None)[1:], *sign_up_counts("192.0.2.1")]
    assert not any(count.cleared for count in shared)
