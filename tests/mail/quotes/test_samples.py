"""Mail as many programs write it, in many languages: what is new is kept, what is quoted is cut."""

from collections import defaultdict

import pytest

from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from tests.mail.quotes.samples import Sample, read_samples

SAMPLES = read_samples()
LANGUAGES = frozenset(
    (
        *("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "ru", "uk", "tr"),
        *("el", "ar", "he", "zh-CN", "zh-TW", "ja", "ko", "vi", "th", "id"),
    )
)


def squashed(text: str) -> str:
    return "".join(text.split()).replace(">", "")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_what_is_new_is_kept_and_what_is_quoted_is_cut(sample: Sample) -> None:
    trimmed = trim(Body(text=sample.text, html=sample.html), subject=sample.subject)

    if sample.whole:
        assert not trimmed.cuts
        assert squashed(trimmed.text) == squashed(trimmed.full)
    elif sample.context:
        assert all(squashed(line) in squashed(trimmed.text) for line in sample.new.split("\n"))
    else:
        assert squashed(trimmed.text) == squashed(sample.new)


def test_each_language_is_there_from_three_clients_and_each_client_in_two_languages() -> None:
    clients, languages = defaultdict(set), defaultdict(set)
    for sample in SAMPLES:
        clients[sample.language].add(sample.client)
        languages[sample.client].add(sample.language)

    assert not LANGUAGES - set(clients)
    assert all(len(found) >= 3 for found in clients.values())
    assert {client for client, found in languages.items() if len(found) < 2} == set()


def test_each_sample_says_where_its_structure_comes_from() -> None:
    assert all(sample.structure for sample in SAMPLES)
