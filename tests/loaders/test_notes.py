"""Notes on rows: their number, and the names of the first few."""

from itertools import permutations

from include.loaders.report import Notes

SENTENCE = "shapes that are null: {count} (FID={rows})"


def test_a_note_names_its_rows() -> None:
    notes = Notes()
    notes.add_rows(SENTENCE, [7, 3])
    notes.add_rows("never: {count} ({rows})", [])

    assert notes.sentences() == ("shapes that are null: 2 (FID=3, 7)",)


def test_a_note_on_many_rows_names_the_lowest_whichever_page_comes_first() -> None:
    for pages in permutations([[9, 4, 1_200], [2, 8], [5, 11]]):
        notes = Notes()
        for page in pages:
            notes.add_rows(SENTENCE, page)

        assert notes.sentences() == ("shapes that are null: 7 (FID=2, 4, 5, 8, 9, …)",)


def test_rows_are_forgotten_when_reading_starts_again() -> None:
    notes = Notes()
    notes.add_rows(SENTENCE, [1, 2])
    notes.clear()
    notes.add_rows(SENTENCE, [3])

    assert notes.sentences() == ("shapes that are null: 1 (FID=3)",)
