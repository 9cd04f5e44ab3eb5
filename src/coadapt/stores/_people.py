"""Tell who is who: users, anonymous visitors, and which of them are one person."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np

from coadapt.domain.queries import Person
from coadapt.stores._numbering import FEW_ROWS, IntArray, distinct
from coadapt.stores.base import PersonIds

Merge = tuple[int, int]
"""An anonymous person's number, and that of the user they turned out to be."""


class People:
    """Number the people of a project; user ids and anonymous ids are different namespaces.

    An event with both ids links the anonymous one to that user: what it did before becomes the
    user's past, what it does later too, until it is linked to another user.
    """

    def __init__(self) -> None:
        self._by_user: dict[str, int] = {}
        self._by_anonymous: dict[str, int] = {}
        self._user_of: dict[int, str] = {}
        self._anonymous_of: dict[int, set[str]] = {}
        self._merges: list[Merge] = []
        self.n_people = 0

    def find(self, person: Person) -> int | None:
        """Return a person's number; the user's where both ids are known to be different people."""
        number = self._by_user.get(person.user_id) if person.user_id is not None else None
        if number is None and person.anonymous_id is not None:
            number = self._by_anonymous.get(person.anonymous_id)
        return number

    def find_each(self, person: Person) -> set[int]:
        """Return the numbers behind either id."""
        sides = (Person(user_id=person.user_id), Person(anonymous_id=person.anonymous_id))
        return {number for side in sides if (number := self.find(side)) is not None}

    def ids_of(self, person: Person) -> PersonIds:
        """Return the given ids and all that is or was theirs.

        A visitor's id that several users were seen with leads to none of them.
        """
        sides = (person.user_id, person.anonymous_id)
        given = PersonIds(*(frozenset(() if i is None else (i,)) for i in sides))
        if person.user_id is None and self._is_shared(person.anonymous_id):
            return given
        return given.union(*map(self._ids_of, self.find_each(person)))

    def user_id(self, number: int) -> str | None:
        """Return a person's user id, or None for an anonymous one."""
        return self._user_of.get(number)

    def users(self, *, after: int, limit: int) -> list[tuple[int, str]]:
        """Return at most `limit` users numbered from `after`, each with the number after theirs."""
        numbers = range(after, self.n_people)
        known = ((n + 1, user) for n in numbers if (user := self._user_of.get(n)) is not None)
        return list(islice(known, limit))

    def assign(self, users: Any, anonymous: Any) -> tuple[IntArray, list[Merge]]:
        """Return each row's person (-1: none) in log order, and who was merged into whom.

        Both arguments are Arrow columns of strings.
        """
        self._merges = []
        if len(users) <= FEW_ROWS:
            pairs = zip(users.to_pylist(), anonymous.to_pylist(), strict=True)
            people = np.array([self._row(*pair) for pair in pairs], np.int64)
        else:
            people = self._assign_columns(users, anonymous)
        for old, new in self._merges:
            # Rows before the one that told who they were still bear the old number.
            people[people == old] = new
        return people, self._merges

    def forget(self, ids: PersonIds) -> list[int]:
        """Forget ids, and return the numbers of the people they belonged to."""
        users = [self._by_user.pop(i) for i in ids.user_ids if i in self._by_user]
        visitors = [self._by_anonymous.pop(i) for i in ids.anonymous_ids if i in self._by_anonymous]
        gone = [*users, *(n for n in visitors if n not in self._user_of)]
        for number in gone:
            self._user_of.pop(number, None)
            for name in self._anonymous_of.pop(number, set()):
                if self._by_anonymous.get(name) == number:
                    del self._by_anonymous[name]
        for names in self._anonymous_of.values():
            names.difference_update(ids.anonymous_ids)
        return gone

    def unlink(self, anonymous_ids: Iterable[str]) -> None:
        """Let anonymous ids be nobody's until they are seen again; whose they were is kept."""
        for name in anonymous_ids:
            self._by_anonymous.pop(name, None)

    def _ids_of(self, number: int) -> PersonIds:
        """Return every id that is or was this person's."""
        user = self._user_of.get(number)
        known = frozenset(self._anonymous_of.get(number, ()))
        return PersonIds(frozenset() if user is None else frozenset({user}), known)

    def _is_shared(self, anonymous_id: str | None) -> bool:
        """Tell whether several users were seen with an anonymous id."""
        return sum(anonymous_id in names for names in [*self._anonymous_of.values()]) > 1

    def _assign_columns(self, users: Any, anonymous: Any) -> IntArray:
        """Assign many rows at once, unless an anonymous id meets several users among them."""
        user_codes, user_ids = distinct(users)
        by_code = np.array([*(self._user(i) for i in user_ids), -1], np.int64)
        people = by_code[user_codes]
        codes, ids = distinct(anonymous)
        if not ids:
            return people
        links = np.unique(np.stack((codes, people))[:, (codes >= 0) & (people >= 0)], axis=1)
        if self._is_contradictory(links, ids):
            return self._assign_rows(user_codes, user_ids, codes, ids)
        for code, number in links.T.tolist():
            self._link(ids[code], number)
        alone = people < 0
        table = np.array([*(self._anonymous(i) for i in ids), -1], np.int64)
        people[alone] = table[codes[alone]]
        return people

    def _is_contradictory(self, links: IntArray, ids: list[str]) -> bool:
        """Tell whether an anonymous id is linked to two users, now or before."""
        if len(np.unique(links[0])) < links.shape[1]:
            return True
        before = (self._by_anonymous.get(ids[code]) for code in links[0].tolist())
        pairs = zip(before, links[1].tolist(), strict=True)
        return any(old in self._user_of and old != new for old, new in pairs)

    def _assign_rows(
        self, user_codes: IntArray, user_ids: list[str], codes: IntArray, ids: list[str]
    ) -> IntArray:
        """Assign row by row: who an anonymous id belongs to changes on the way."""
        users, anonymous = [*user_ids, None], [*ids, None]
        pairs = zip(user_codes.tolist(), codes.tolist(), strict=True)
        rows = (self._row(users[u], anonymous[a]) for u, a in pairs)
        return np.fromiter(rows, np.int64, len(codes))

    def _row(self, user: str | None, anonymous: str | None) -> int:
        """Return the person of one event."""
        if user is None:
            return -1 if anonymous is None else self._anonymous(anonymous)
        number = self._user(user)
        if anonymous is not None:
            self._link(anonymous, number)
        return number

    def _user(self, user_id: str) -> int:
        """Return a user's number, a new one if there is none."""
        number = self._by_user.get(user_id)
        if number is None:
            number = self._by_user[user_id] = self._new()
            self._user_of[number] = user_id
        return number

    def _anonymous(self, anonymous_id: str) -> int:
        """Return the number of whoever uses an anonymous id."""
        number = self._by_anonymous.get(anonymous_id)
        if number is None:
            number = self._by_anonymous[anonymous_id] = self._new()
            self._anonymous_of[number] = {anonymous_id}
        return number

    def _link(self, anonymous_id: str, number: int) -> None:
        """Make an anonymous id this user's; a past that was nobody's comes with it."""
        old = self._by_anonymous.get(anonymous_id)
        if old == number:
            return
        self._by_anonymous[anonymous_id] = number
        self._anonymous_of.setdefault(number, set()).add(anonymous_id)
        if old is not None and old not in self._user_of:
            self._anonymous_of.pop(old, None)
            self._merges.append((old, number))

    def _new(self) -> int:
        """Return the next number."""
        self.n_people += 1
        return self.n_people - 1
