"""A worker's thread outlives the database: what it held of a server that was restarted must not fail its next jobs."""

import threading

import pytest
from django.db import OperationalError, connection

from linli.project.processes import _one_job


def ask() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_job_after_the_death_of_its_connection_gets_another_one():
    held, killed, told = threading.Event(), threading.Event(), []

    def work() -> None:
        told.append(ask())
        held.set()
        killed.wait(30)
        try:
            told.append(_one_job(ask, None, None))
        except OperationalError as error:
            told.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert held.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [told[0]])
    killed.set()
    thread.join(30)
    assert isinstance(told[1], int), told
    assert told[1] != told[0]
