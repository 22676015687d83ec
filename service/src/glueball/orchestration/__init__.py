"""What starting and ending runs bring with them, inside the transaction of whoever asks.

Operations and the engine share these steps: making a run of a job, firing a trigger, what follows
the end of a run, runs of workflows. Each takes a connection in a write transaction; none commits.
"""
