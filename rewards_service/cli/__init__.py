"""The ``rewards`` command: each subcommand one use case, with ``--json`` for programs that call it.

Exit status 0 done, 1 refused or found wrong, 2 usage. Results go to standard output, everything else to standard error.
"""
