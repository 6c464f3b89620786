"""Notifications to phones: what they say, who sends them, and when."""
