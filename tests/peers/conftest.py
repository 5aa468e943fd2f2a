"""Real mail servers for the tests of this folder; others import the fixtures they need from these modules."""

from tests.peers.postfix import open_postfix as open_postfix
