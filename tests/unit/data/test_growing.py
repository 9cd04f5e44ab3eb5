"""Ids are numbered as they are met."""

from coadapt.data.growing import GrowingVocabulary, UnnamedRows


def test_a_new_id_gets_the_next_row_and_keeps_it() -> None:
    vocabulary = GrowingVocabulary(["a"])
    assert vocabulary.add_all(["b", None, "a", "b"]).tolist() == [1, -1, 0, 1]
    assert (vocabulary.ids, vocabulary.row("b")) == (["a", "b"], 1)


def test_a_forgotten_id_leaves_its_row_without_a_name() -> None:
    vocabulary = GrowingVocabulary(["anna", "ben"])
    vocabulary.forget("anna")
    assert "anna" not in vocabulary.ids
    assert (vocabulary.row("ben"), vocabulary.add("anna")) == (1, 2)


def test_unnamed_rows_are_counted_only() -> None:
    assert (len(UnnamedRows(5)), UnnamedRows(5).row("a")) == (5, -1)
