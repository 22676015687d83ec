"""The methods of `GlueContext`, one file for each kind of place that data comes from."""
