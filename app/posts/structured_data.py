"""What an article says of itself to machines, in schema.org's words (BlogPosting, BreadcrumbList)."""

from typing import Any

from app.config import SiteSettings
from app.posts.schemas import Post, Revision

_CONTEXT = "https://schema.org"


def article_data(
    post: Post, revision: Revision, *, base: str, site: SiteSettings
) -> list[dict[str, Any]]:
    """The article and its place on the blog. Nothing stands here that the page does not show."""
    address = base + post.path
    index = f"{base}/{post.language}/"
    posting: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "BlogPosting",
        "headline": revision.title,
        "description": revision.meta_description,
        "inLanguage": post.language,
        "url": address,
        "mainEntityOfPage": address,
        "author": {"@type": "Organization", "name": site.byline, "url": f"{base}/"},
        "publisher": {"@type": "Organization", "name": site.name, "url": f"{base}/"},
        "citation": [
            {"@type": "CreativeWork", "name": citation.title}
            | ({"url": citation.url} if citation.url else {})
            for citation in revision.citations
        ],
    }
    if post.published_at:
        posting["datePublished"] = post.published_at.isoformat(timespec="seconds")
    if post.modified_at:
        posting["dateModified"] = post.modified_at.isoformat(timespec="seconds")
    places = [(site.name, f"{base}/"), (post.language, index), (revision.title, address)]
    crumbs = {
        "@context": _CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": item}
            for position, (name, item) in enumerate(places, start=1)
        ],
    }
    return [posting, crumbs]
