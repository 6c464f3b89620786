"""A provider that isn't one: for tests, demos and the contract's own suite. It uses every verb of the contract."""
