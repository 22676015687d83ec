"""Streams: their options, their records, and the queries that run them."""
