"""Databases by JDBC, as sources and targets."""
