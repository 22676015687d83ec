"""Crawlers: the program of one crawl, from objects in S3 to tables of the Data Catalog.

A crawl is a process of its own, a client of the service as a job is: it lists objects, looks at
their beginnings, groups folders into tables and partitions, and writes what has changed.
https://docs.aws.amazon.com/glue/latest/dg/crawler-running.html
"""
