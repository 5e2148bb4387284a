"""The one database a process speaks to, as a proxy that `open_store` fills, and what all its rows share."""

from __future__ import annotations

from typing import Any

from peewee import DatabaseProxy, Field, Model

database = DatabaseProxy()


class Row(Model):
    class Meta:
        database = database
        legacy_table_names = False

    @classmethod
    def get_by_id(cls, pk: Any) -> Any:
        """As peewee's; raises `DoesNotExist`."""
        row = cls.first_by(cls._meta.primary_key, pk)
        if row is None:
            raise cls.DoesNotExist(f"{cls.__name__} {pk}")
        return row

    @classmethod
    def first_by(cls, field: Field, value: Any) -> Any:
        """A row by one of its columns, None where there is none. Peewee puts each column of each question together by
        itself, which takes longer than all the rest of it; here the text is put together once."""
        key = (cls, field.name, type(database.obj))
        text = _TEXTS.get(key)
        if text is None:
            text = _TEXTS[key] = cls.select().where(field == value).limit(1).offset(0).sql()[0]
        return next(iter(cls.raw(text, field.db_value(value), 1, 0)), None)


_TEXTS: dict[tuple[type[Row], str, type], str] = {}
