"""What starts a job script, and what stands behind `awsglue` while it runs."""
