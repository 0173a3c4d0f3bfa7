"""However a file is cut, the same orders, lines and totals come out."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.access import api as access
from linli.commerce.importing import run_import
from linli.commerce.mapping import UCI, ColumnMapping
from linli.commerce.models import ImportRun
from tests.commerce.files import as_csv, begin_run, everything, line

COMPLETES = ColumnMapping.from_json(UCI.to_json() | {"completes": True})
quick = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])

_lines = st.builds(
    line,
    st.sampled_from(["1", "2", "3", "C4", "C5", "A6", "7", "8"]),
    sku=st.sampled_from(["A", "B", "C"]),
    quantity=st.sampled_from(["1", "2", "-3"]),
    price=st.sampled_from(["0", "2.5", "0.0001"]),
    at=st.sampled_from(["2010-12-01 08:26", "2010-12-01 08:27", "2011-02-03"]),
)


def _row(cells):
    """A buyer belongs to a number, as in every real file."""
    buyers = {"1": "100", "2": "100", "3": "", "C4": "100", "C5": "200", "A6": "", "7": "300", "8": "200"}
    return [*cells[:6], buyers[cells[0]], cells[7]]


files = st.lists(_lines.map(_row), min_size=1, max_size=40)


def _bring(tmp_path, runs, *, chunk_lines=20_000, mapping=UCI):
    """Each run is a list of parts, each part a list of rows; returns what is in a fresh corp afterwards."""
    corp = access.create_corp(wecom_id=f"ww-split-{ImportRun.objects.count()}-{id(runs)}", name="x")
    for parts in runs:
        run = begin_run(corp.id, tmp_path, [as_csv(part) for part in parts], mapping)
        run_import(corp_id=corp.id, run_id=run.pk, chunk_lines=chunk_lines)
        run.refresh_from_db()
        assert run.state == "done"
    return everything(corp.id)


@quick
@given(rows=files, chunk_lines=st.integers(1, 50))
def test_any_size_of_chunks(db, tmp_path, rows, chunk_lines):
    assert _bring(tmp_path, [[rows]], chunk_lines=chunk_lines) == _bring(tmp_path, [[rows]])


@quick
@given(rows=files, cuts=st.lists(st.integers(0, 40), max_size=4))
def test_any_cut_into_parts_of_one_import(db, tmp_path, rows, cuts):
    places = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [rows[low:high] for low, high in zip(places, places[1:], strict=False)]
    assert _bring(tmp_path, [parts]) == _bring(tmp_path, [[rows]])


@quick
@given(rows=files, data=st.data())
def test_whole_orders_in_any_number_of_files_in_any_order(db, tmp_path, rows, data):
    numbers = data.draw(st.permutations(sorted({row[0] for row in rows})))
    size = data.draw(st.integers(1, len(numbers)))
    groups = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    runs = [[[row for row in rows if row[0] in group]] for group in groups]
    again = data.draw(st.sampled_from(runs))
    assert _bring(tmp_path, [*runs, again], chunk_lines=7) == _bring(tmp_path, [[rows]])


@quick
@given(rows=files, cut=st.integers(0, 40))
def test_a_file_that_grew_since_the_last_export(db, tmp_path, rows, cut):
    """The first file ends in the middle of an order; the next one has everything."""
    assert _bring(tmp_path, [[rows[:cut]], [rows]]) == _bring(tmp_path, [[rows]])


@quick
@given(rows=files.map(lambda rows: [[*row[:2], f"{row[2]} {place}", *row[3:]] for place, row in enumerate(rows)]),
       cut=st.integers(0, 40))  # fmt: skip
def test_two_halves_where_the_second_completes_the_first(db, tmp_path, rows, cut):
    halves = [[rows[:cut]], [rows[cut:]]]
    assert _bring(tmp_path, halves, mapping=COMPLETES) == _bring(tmp_path, [[rows]])
    assert _bring(tmp_path, [*halves, halves[1]], mapping=COMPLETES) == _bring(tmp_path, [[rows]])
