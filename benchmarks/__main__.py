"""``make bench``: every goal of speed, each beside its floor in the same run. Figures, never a verdict of a test."""

import sys

from benchmarks import redeem, search

if __name__ == "__main__":
    print("# search")
    search.main([])
    print("# redeem")
    redeem.main(sys.argv[1:])
