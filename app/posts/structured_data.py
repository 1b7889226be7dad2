"""What an article says of itself to machines, in schema.org's words: BlogPosting and BreadcrumbList.

Google's policies forbid data about what readers do not see, so nothing stands here that the page does
not show: pages show no images, so there is no `image`.
"""

from typing import Any, Literal

from pydantic import Field

from app.posts.schemas import Frozen, Post, Revision

_LANGUAGES = {"en": "English", "ko": "한국어"}
"""As the page's head calls the lists of each language."""


class Thing(Frozen):
    """Anything of schema.org's; what is None or an empty list is left out."""

    context: str | None = Field(default=None, serialization_alias="@context")

    def as_data(self) -> dict[str, Any]:
        """The node as JSON-LD."""
        told = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {name: value for name, value in told.items() if value != []}


class Organization(Thing):
    """Who publishes, or an editorial desk that writes."""

    type: Literal["Organization"] = Field(default="Organization", serialization_alias="@type")
    name: str
    url: str


class Person(Thing):
    """A human who writes."""

    type: Literal["Person"] = Field(default="Person", serialization_alias="@type")
    name: str
    url: str


class CreativeWork(Thing):
    """A source that the article cites."""

    type: Literal["CreativeWork"] = Field(default="CreativeWork", serialization_alias="@type")
    name: str
    url: str | None = None


class BlogPosting(Thing):
    """The article. Dates are ISO 8601 with their offset."""

    type: Literal["BlogPosting"] = Field(default="BlogPosting", serialization_alias="@type")
    headline: str
    description: str
    in_language: str = Field(serialization_alias="inLanguage")
    url: str
    main_entity: str = Field(serialization_alias="mainEntityOfPage")
    author: Person | Organization
    publisher: Organization
    citation: list[CreativeWork]
    published: str | None = Field(default=None, serialization_alias="datePublished")
    modified: str | None = Field(default=None, serialization_alias="dateModified")


class ListItem(Thing):
    """A place on the way to the page, counted from 1."""

    type: Literal["ListItem"] = Field(default="ListItem", serialization_alias="@type")
    position: int
    name: str
    item: str


class BreadcrumbList(Thing):
    """The way from the blog's front to the page."""

    type: Literal["BreadcrumbList"] = Field(default="BreadcrumbList", serialization_alias="@type")
    places: list[ListItem] = Field(serialization_alias="itemListElement")


def article_data(
    post: Post,
    revision: Revision,
    *,
    base: str,
    name: str,
    author: Person | Organization,
    published: str,
    modified: str,
) -> list[dict[str, Any]]:
    """The article and its place on the blog `name`; author and dates as the page shows them."""
    address = base + post.path
    front = f"{base}/"
    posting = BlogPosting(
        context="https://schema.org",
        headline=revision.title,
        description=revision.meta_description,
        in_language=post.language,
        url=address,
        main_entity=address,
        author=author,
        publisher=Organization(name=name, url=front),
        citation=[
            CreativeWork(name=each.title, url=each.url or None) for each in revision.citations
        ],
        published=published or None,
        modified=modified or None,
    )
    places = [
        (name, front),
        (_LANGUAGES[post.language], f"{front}{post.language}/"),
        (revision.title, address),
    ]
    crumbs = BreadcrumbList(
        context="https://schema.org",
        places=[
            ListItem(position=position, name=name, item=item)
            for position, (name, item) in enumerate(places, start=1)
        ],
    )
    return [posting.as_data(), crumbs.as_data()]
