"""Cellar of the house: clock, ids, errors, events, transactions, tasks, live layer, secrets. No tables."""
