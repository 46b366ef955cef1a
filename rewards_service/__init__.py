"""Rewards: incentives become points or codes, points and codes become rewards, and the books agree."""
