"""Who may ask what of which address: one table for programs, one for people.

The columns are `columns.COLUMNS`: persons with one right each, asking for what is theirs and for
what is somebody else's. `things` makes what an address names.
"""
