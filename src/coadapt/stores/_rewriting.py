"""Take an erased person out of what others sent, each kind of field in its own way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from coadapt.stores._mentions import Mention, is_distinctive
from coadapt.stores.base import PersonIds

_PEOPLE: Final = frozenset({"target_user_id", "host_id"})
_IDENTIFIERS: Final = _PEOPLE | {"session_id", "transaction_id", "currency"}
_FREE: Final = frozenset({"text", "context", "properties"})
_DESCRIBING: Final = frozenset({"title", "description", "image_url", "properties"})
_OUR_ANSWER: Final = re.compile(r"r-[0-9a-f]{32}")

Fields = Mapping[str, Any]


class Rewriting:
    """Rewrite others' events: what clients own loses the ids, what the service wrote stays whole.

    A field that names a person loses them; an id that holds theirs becomes a pseudonym, the same
    for the same id. In descriptions of items only distinctive ids are taken out: a title may be the
    word that somebody is called. Ids of items, categories, brands and tags name no person.
    """

    def __init__(self, ids: PersonIds, pseudonym: Callable[[str], str]) -> None:
        every = ids.user_ids | ids.anonymous_ids
        self.mention = Mention(every)
        self._users = ids.user_ids
        self._describing = Mention([i for i in every if is_distinctive(i)])
        self._pseudonym = pseudonym
        self._by_type: Mapping[str, Callable[[Fields], Fields]] = {
            "$recommendation": self._answer,
            "$user": self._profile,
            "$item": self._item,
        }

    def event_id(self, event_type: str, event_id: str, position: int) -> str:
        """Return an event's id, a new one where it names the ids; the service's name nobody."""
        if event_type.startswith("$") or not self.mention.is_in_text(event_id):
            return event_id
        return self._pseudonym(f"{position}:{event_id}")

    def body(self, event_type: str, body: str | None) -> str | None:
        """Return a body that does not name the ids; one that never did comes back as it is."""
        if body is None or not self.mention.is_in_json(body):
            return body
        fields = msgspec.json.decode(body)
        is_ours = event_type.startswith("$")
        rewrite = self._by_type.get(event_type, _as_it_is if is_ours else self._behaviour)
        cleaned = rewrite(fields)
        if cleaned == fields:
            return body
        kept = {name: value for name, value in cleaned.items() if value is not None}
        return msgspec.json.encode(kept).decode() if kept else None

    def _behaviour(self, fields: Fields) -> Fields:
        """Rewrite what a client reported."""
        return {name: self._field(name, value) for name, value in fields.items()}

    def _field(self, name: str, value: Any) -> Any:
        """Rewrite one field of a client's event."""
        if name in _FREE:
            return self.mention.remove_from(value)
        if name in _PEOPLE and value in self._users:
            return None
        is_reference = name == "recommendation_id" and not _OUR_ANSWER.fullmatch(value)
        return self._identifier(value) if name in _IDENTIFIERS or is_reference else value

    def _answer(self, fields: Fields) -> Fields:
        """Rewrite what a client gave along with a question, and nothing of the answer."""
        properties = dict(fields.get("properties", {}))
        surface = properties.get("surface")
        if surface is not None and self._describing.is_in_text(surface):
            properties["surface"] = self._pseudonym(surface)
        return self._replaced(fields, "context") | {"properties": properties}

    def _profile(self, fields: Fields) -> Fields:
        """Rewrite what another person said about themselves, and whom they follow."""
        said = self._replaced(fields.get("properties", {}), "properties")
        if "follows" in said:
            said["follows"] = [who for who in said["follows"] if who not in self._users]
        return {**fields, "properties": said}

    def _item(self, fields: Fields) -> Fields:
        """Rewrite what describes an item."""
        described = {
            name: self._describing.remove_from(value) if name in _DESCRIBING else value
            for name, value in fields.get("properties", {}).items()
            if name != "host_id" or value not in self._users
        }
        kept = {name: value for name, value in described.items() if value is not None}
        return {**fields, "properties": kept}

    def _replaced(self, fields: Fields, name: str) -> dict[str, Any]:
        """Return fields with one that a client owns rewritten."""
        if name not in fields:
            return dict(fields)
        return {**fields, name: self.mention.remove_from(fields[name])}

    def _identifier(self, value: str) -> str:
        """Return an id, or its pseudonym where it names the person."""
        return self._pseudonym(value) if self.mention.is_in_text(value) else value


def _as_it_is(fields: Fields) -> Fields:
    """Leave what the service wrote."""
    return fields
