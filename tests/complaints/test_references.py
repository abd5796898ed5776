"""References: each number once, in a row, for each year."""

import threading

from django.db import connection, transaction

from complaints.models import ReferenceCounter
from complaints.references import next_reference


def test_numbers_follow_each_other_within_their_year_and_kind(db):
    given = [next_reference("C", 1998, digits=6) for _ in range(2)]

    assert given == ["C-1998-000001", "C-1998-000002"]
    assert next_reference("C", 1999, digits=6) == "C-1999-000001"
    assert next_reference("I", 1998, digits=4) == "I-1998-0001"


def test_a_number_that_was_rolled_back_is_given_again(transactional_db):
    with transaction.atomic():
        next_reference("C", 1998, digits=6)
        transaction.set_rollback(True)

    assert next_reference("C", 1998, digits=6) == "C-1998-000001"


def test_numbers_outgrow_their_digits_rather_than_clash(db):
    ReferenceCounter.objects.create(prefix="I", year=1998, last=9999)

    assert next_reference("I", 1998, digits=4) == "I-1998-10000"


def test_two_at_once_never_get_the_same(transactional_db):
    given: list[str] = []

    def take():
        try:
            for _ in range(10):
                with transaction.atomic():
                    given.append(next_reference("C", 1998, digits=6))
        finally:
            connection.close()

    takers = [threading.Thread(target=take) for _ in range(3)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()

    assert len(set(given)) == len(given) == 30
