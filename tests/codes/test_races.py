"""R4: combining is atomic, whoever else combines, spends, claims or refunds at the same moment."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from flask import Flask, current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rewards_service.codes.entering import check_code
from rewards_service.codes.errors import CodeNotUsable, CodeRepeated, CodeReplaced
from rewards_service.codes.models import Code
from rewards_service.codes.operations import block_code, merge_codes, reissue_code, split_code
from rewards_service.codes.policy import CodeState
from rewards_service.codes.queries import living_accounts
from rewards_service.kit.actor import SYSTEM
from rewards_service.kit.crypto import Vault
from rewards_service.kit.database import read_session, unit_of_work
from rewards_service.kit.errors import Refusal
from rewards_service.ledger.models import Account, Hold, Lot
from rewards_service.ledger.operations import HoldPart, LineHold, Source, capture_hold, open_holds, refund_capture
from rewards_service.ledger.policy import HoldState
from rewards_service.orders.requests import PayByCode
from rewards_service.orders.tenders import codes_that_pay, keep_codes
from rewards_service.programs.models import Program
from tests.codes.conftest import Desk
from tests.conftest import NOW
from tests.support.crew import rounds

ROUNDS = rounds("R4")
WORTH = 100
WAIT_SECONDS_MAX = 60

Step = Callable[[Session], object]


class TestMergingInParallel:
    def test_of_overlapping_sets_zeroes_each_source_at_most_once(self, table: "Table", chance: random.Random):
        for _ in range(ROUNDS):
            a, b, c = table.issue(3)
            sets = [[a, b], [b, c], [c, a], [b, a], [c, b], [a, c]]
            chance.shuffle(sets)
            results = table.together([table.merging(texts) for texts in sets])
            assert table.successes(results) == 1
            assert all(isinstance(result, CodeNotUsable | CodeReplaced | int) for result in results)
            assert sorted(table.balances([a, b, c])) == [0, 0, WORTH]
            table.require_sum(3 * WORTH)

    def test_of_one_code_into_many_things_uses_it_once(self, table: "Table", chance: random.Random):
        for _ in range(ROUNDS):
            a, b = table.issue(2)
            steps = [
                table.merging([a, b]),
                table.splitting(a),
                table.reissuing(a),
                table.spending([a, b]),
                table.blocking(b),
            ]
            chance.shuffle(steps)
            results = table.together(steps)
            assert all(isinstance(result, Refusal | int) for result in results), results
            table.require_sum(2 * WORTH)
            table.require_nothing_on_dead_codes()

    def test_waits_for_a_refund_that_is_under_way(self, table: "Table", chance: random.Random):
        for number in range(ROUNDS):
            a, b = table.issue(2)
            table.capture(a, units=WORTH // 2, line_ref=f"ord:{number}")
            steps = [table.refunding(a, f"ord:{number}"), table.merging([a, b])]
            chance.shuffle(steps)
            results = table.together(steps)
            assert table.successes(results) == 2, results
            table.require_sum(2 * WORTH)
            table.require_nothing_on_dead_codes()


class TestMergingWhatDoesNotFit:
    def test_changes_nothing(self, table: "Table", other_program: Program):
        a, b = table.issue(2)
        foreign = table.of(other_program).issue(1)[0]
        euros = table.issue(1, in_euros=True)[0]
        for texts, refusal in (([a, a], CodeRepeated), ([a, foreign], CodeNotUsable), ([a, euros], CodeNotUsable)):
            (result,) = table.together([table.merging(texts)])
            assert type(result) is refusal
        assert table.balances([a, b]) == [WORTH, WORTH]


@dataclass
class Table:
    """Where several people handle the same codes at once, each in a thread and transaction of his own."""

    app: Flask
    program: Program
    vault: Vault

    def of(self, program: Program) -> "Table":
        """Return the table of another program."""
        return Table(self.app, program, self.vault)

    def issue(self, count: int, *, in_euros: bool = False) -> list[str]:
        """Issue codes of the same worth and return their texts; those of earlier rounds are out of the sums."""
        with unit_of_work() as session:
            session.add(self.program)
            desk = Desk(session, self.program, self.vault)
            unit = self.program.promise_unit if in_euros else self.program.points_unit
            self.first_account = session.scalar(select(func.max(Account.id))) or 0
            return [desk.issue(WORTH, unit=unit).text.reveal() for _ in range(count)]

    def together(self, steps: Sequence[Step]) -> list[object]:
        """Start all steps at the same moment and return what each came to: an error, or what it returned."""
        results: list[object] = [None] * len(steps)
        barrier = threading.Barrier(len(steps))
        threads = [
            threading.Thread(target=self._run, args=(step, barrier, results, place)) for place, step in enumerate(steps)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_SECONDS_MAX)
        assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
        return results

    def merging(self, texts: Sequence[str]) -> Step:
        """Return the step that merges codes."""
        return lambda session: (
            merge_codes(session, codes=self._resolved(session, texts), vault=self.vault, actor=SYSTEM, now=NOW).code.id
        )

    def splitting(self, text: str) -> Step:
        """Return the step that splits a code in two."""
        return lambda session: len(
            split_code(
                session,
                code=self._resolved(session, [text])[0],
                parts_units=[WORTH // 2, WORTH // 2],
                vault=self.vault,
                actor=SYSTEM,
                now=NOW,
            )
        )

    def reissuing(self, text: str) -> Step:
        """Return the step that exchanges a code."""
        return lambda session: (
            reissue_code(
                session,
                code=self._resolved(session, [text])[0],
                vault=self.vault,
                actor=SYSTEM,
                reason="race",
                now=NOW,
            ).code.id
        )

    def blocking(self, text: str) -> Step:
        """Return the step that blocks a code."""
        return lambda session: (
            block_code(session, code=self._resolved(session, [text])[0], actor=SYSTEM, reason="race", now=NOW).id
        )

    def spending(self, texts: Sequence[str]) -> Step:
        """Return the step that pays an order line with codes, in full."""
        return lambda session: len(self._hold(session, texts, units=WORTH, line_ref=f"spent:{texts[0]}"))

    def refunding(self, text: str, line_ref: str) -> Step:
        """Return the step that gives back what a line took."""

        def refund(session: Session) -> int:
            account_id = session.scalars(
                select(Hold.account_id).where(Hold.source_ref == line_ref, Hold.state == HoldState.CAPTURED.value)
            ).one()
            living = living_accounts(session, account_ids=[account_id])
            return refund_capture(
                session,
                program=self._program(session),
                line_ref=line_ref,
                source=Source("order_line", f"{line_ref}:refund"),
                recovered=[],
                now=NOW,
                living=living,
            )

        return refund

    def capture(self, text: str, *, units: int, line_ref: str) -> None:
        """Take a part of a code for an order line."""
        with unit_of_work() as session:
            self._hold(session, [text], units=units, line_ref=line_ref)
            capture_hold(
                session, program=self._program(session), line_ref=line_ref, settlement=[], actor=SYSTEM, now=NOW
            )

    def successes(self, results: Sequence[object]) -> int:
        """Return how many steps came to an end without an error."""
        return sum(isinstance(result, int) for result in results)

    def balances(self, texts: Sequence[str]) -> list[int]:
        """Return what is left on the handle of each code."""
        hmacs = [self.vault.lookup("code", text.replace("-", "")) for text in texts]
        with read_session() as session:
            found = dict(
                session.execute(
                    select(Code.lookup_hmac, Account.balance_units)
                    .join(Account, Account.id == Code.account_id)
                    .where(Code.lookup_hmac.in_(hmacs))
                ).all()
            )
        return [found[digest] for digest in hmacs]

    def require_sum(self, units: int) -> None:
        """Require that codes and orders hold what was issued this round, in balances and in lots alike."""
        with read_session() as session:
            of_round = Account.id > self.first_account
            balances = session.scalar(select(func.sum(Account.balance_units)).where(Account.role == "code", of_round))
            lots = session.execute(
                select(func.sum(Lot.units_available), func.sum(Lot.units_held)).where(
                    Lot.account_id > self.first_account
                )
            ).one()
        assert (balances, balances + lots[1]) == (lots[0], units)

    def require_nothing_on_dead_codes(self) -> None:
        """Require that no handle that was replaced has anything on it."""
        with read_session() as session:
            stranded = session.execute(
                select(Code.public_id, Account.balance_units)
                .join(Account, Account.id == Code.account_id)
                .where(Code.state == CodeState.REPLACED.value, Account.balance_units > 0)
            ).all()
        assert stranded == []

    def _run(self, step: Step, barrier: threading.Barrier, results: list[object], place: int) -> None:
        """Run one step in a transaction that is not retried, so that a deadlock would show."""
        with self.app.app_context():
            barrier.wait(WAIT_SECONDS_MAX)
            try:
                with unit_of_work() as session:
                    results[place] = step(session)
            except Exception as error:  # noqa: BLE001 — the test looks at whatever it was
                results[place] = error

    def _resolved(self, session: Session, texts: Sequence[str]) -> list[Code]:
        """Return the codes of texts."""
        return [check_code(session, text=text, vault=self.vault, now=NOW).code for text in texts]

    def _hold(self, session: Session, texts: Sequence[str], *, units: int, line_ref: str) -> list[list[int]]:
        """Set the same value of each code aside for an order line."""
        program = self._program(session)
        tenders = [PayByCode(text) for text in texts]
        payers = codes_that_pay(session, program=program, tenders=tenders, vault=self.vault, now=NOW)
        keep_codes(session, payers=payers)
        parts = [HoldPart(payer.account_id, payer.unit_id, units) for payer in payers]
        return open_holds(session, program=program, lines=[LineHold(line_ref, parts)], actor=SYSTEM, now=NOW)

    def _program(self, session: Session) -> Program:
        """Return the program within a session."""
        return session.get_one(Program, self.program.id)


@pytest.fixture
def table(app: Flask, program: Program, vault: Vault) -> Table:
    """The table of the program ``demo``."""
    return Table(current_app._get_current_object(), program, vault)
