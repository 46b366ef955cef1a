"""Organizations, their programs, and what a program offers.

Owns: organization, program, unit, rate_version, partner, offer, budget.
Invariants: a unit belongs to one program, or to none when it is money; exactly one rate is in force at a time; a
program's value units never carry an ISO 4217 code, so a promise and the bank cannot net.
Verbs: ``create_organization``, ``create_program``, ``set_rate``, ``create_budget``, ``set_offer``.
"""
