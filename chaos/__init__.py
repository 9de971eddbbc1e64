"""Faults on purpose, with the figures that show what they cost: `make chaos`, docs/reliability.md.

Each module is one fault: `TITLE`, and `run(ground)`, which yields the rows of the table.
"""
