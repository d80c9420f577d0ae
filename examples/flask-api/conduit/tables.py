"""The tables. Who follows whom and who favorites what are rows of their own, so that two requests at once
can't undo each other; an article's tags are an array, since they are only ever read and written together.
"""

import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: Text, datetime.datetime: DateTime(timezone=True), list[str]: ARRAY(Text)}


def id_of_deleted_with(column: str, **options):
    """A reference whose row goes when the row that it names goes."""
    return mapped_column(ForeignKey(column, ondelete="CASCADE"), **options)


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    bio: Mapped[str | None]
    image: Mapped[str | None]


class Follow(Base):
    __tablename__ = "follows"

    follower_id: Mapped[int] = id_of_deleted_with("users.id", primary_key=True)
    followed_id: Mapped[int] = id_of_deleted_with("users.id", primary_key=True, index=True)


class Article(Base):
    __tablename__ = "articles"
    __table_args__ = (
        Index("ix_articles_tag_list", "tag_list", postgresql_using="gin"),
        Index("ix_articles_newest", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    author_id: Mapped[int] = id_of_deleted_with("users.id", index=True)
    title: Mapped[str]
    description: Mapped[str]
    body: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    tag_list: Mapped[list[str]]
    created_at: Mapped[datetime.datetime] = mapped_column(server_default=func.clock_timestamp())
    updated_at: Mapped[datetime.datetime] = mapped_column(server_default=func.clock_timestamp())

    author: Mapped[User] = relationship(lazy="raise")


class Favorite(Base):
    __tablename__ = "favorites"

    user_id: Mapped[int] = id_of_deleted_with("users.id", primary_key=True)
    article_id: Mapped[int] = id_of_deleted_with("articles.id", primary_key=True, index=True)


class Comment(Base):
    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = id_of_deleted_with("articles.id", index=True)
    author_id: Mapped[int] = id_of_deleted_with("users.id")
    body: Mapped[str]
    created_at: Mapped[datetime.datetime] = mapped_column(server_default=func.clock_timestamp())
    updated_at: Mapped[datetime.datetime] = mapped_column(server_default=func.clock_timestamp())

    author: Mapped[User] = relationship(lazy="raise")


class SigningKey(Base):
    """The one key that tokens are signed with, so that every replica accepts every other's tokens."""

    __tablename__ = "signing_key"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str]
