"""The Data Catalog: its tables as sources and targets."""
