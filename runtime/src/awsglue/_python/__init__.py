"""Steps that run people's own Python functions over records."""
