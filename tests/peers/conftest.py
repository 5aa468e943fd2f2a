"""Real mail servers for the tests of this folder; others import the fixtures they need from these modules."""

from tests.peers.dovecot import dovecot as dovecot
from tests.peers.dovecot import open_dovecot as open_dovecot
from tests.peers.exim import open_exim as open_exim
from tests.peers.postfix import open_postfix as open_postfix
