"""The DNS is asked: keys, policies and senders, for judging who wrote a mail."""
