"""`linli replay` at the terminal, for what no account may do where a house holds several corps."""

import psycopg

from tests.project.house import a_house

NAME = "groups.name_stays"
OPEN = """
INSERT INTO ledger_replay (subscriber, dry, from_position, to_position, position, state, facts, changes, failing, failing_count, exact,
                           error, asked_by, asked_at)
VALUES (%s, false, 0, 9, 0, 'open', 0, '{}', '[]', 0, true, '', 'x', now()) RETURNING id
"""
CURSOR = "INSERT INTO ledger_cursor (name, position, tries, error, replay_id) VALUES (%s, 0, 0, '', %s)"


def test_a_replay_under_way_is_stopped_at_the_terminal(given):
    with a_house() as house, psycopg.connect(given, autocommit=True) as database:
        assert f"no replay of {NAME} is under way" in house.refused("replay", NAME, "--stop", DATABASE_URL=given)
        [replay_id] = database.execute(OPEN, [NAME]).fetchone()
        database.execute(CURSOR, [NAME, replay_id])
        assert "is stopped" in house.well("replay", NAME, "--stop", DATABASE_URL=given)
        assert database.execute("SELECT state FROM ledger_replay").fetchall() == [("cancelled",)]
        assert database.execute("SELECT position, replay_id FROM ledger_cursor").fetchall() == [(9, None)]
