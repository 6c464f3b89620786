"""A second stand-in for tests: a mailbox that is asked for mail."""
