"""A question that says little means something definite."""

from dataclasses import replace

from coadapt.domain.queries import ItemFilter, Person, Query

ANNA = Person(user_id="anna")


def test_a_person_is_known_by_the_ids_alone() -> None:
    assert Person("anna") == ANNA
    assert len({ANNA, Person("anna"), Person("anna", "device"), Person(None, "anna")}) == 3


def test_all_unknown_visitors_are_alike() -> None:
    assert Person() == Person(user_id=None, anonymous_id=None)


def test_a_question_by_default_is_of_the_stored_past_and_the_whole_catalogue() -> None:
    query = Query(ANNA, as_of=5)
    assert (query.project, query.count, query.exclude_item_ids) == ("default", 10, frozenset())
    assert (query.history, query.item_ids, query.item_filter) == (None, None, None)
    assert not query.explain


def test_an_empty_past_is_not_the_stored_one() -> None:
    query = Query(ANNA, as_of=5)
    assert replace(query, history=()) != query


def test_questions_share_no_context() -> None:
    assert Query(ANNA, as_of=5).context is not Query(ANNA, as_of=5).context
    assert ItemFilter().one_of is not ItemFilter().one_of
