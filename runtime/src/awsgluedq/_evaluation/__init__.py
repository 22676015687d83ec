"""From a ruleset and a frame to outcomes, in one scan of the data and one for what is grouped."""
