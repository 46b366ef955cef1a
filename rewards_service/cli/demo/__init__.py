"""A program to try things out: made-up people, a made-up catalog with stock, value to spend.

Everything is made through the product's own operations, and only once: a second run finds it and changes nothing.
"""

from rewards_service.cli.demo.making import DemoSignIns, ensure_demo

__all__ = ["DemoSignIns", "ensure_demo"]
