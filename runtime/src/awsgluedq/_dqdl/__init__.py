"""DQDL, the language of data quality rules: `parser.parse` makes a `model.Ruleset` of a text.

https://docs.aws.amazon.com/glue/latest/dg/dqdl.html
"""
