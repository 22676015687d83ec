"""Steps that turn records into other records, as expressions of Spark."""
