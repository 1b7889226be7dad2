"""Checks 4-9: does the keyphrase stand where searchers and search engines look?

Description, headings, title, address, images and links; points and thresholds are the reference
analyser's (see `app.seo.thresholds`). A synonym counts in headings and images, not in title and address.
"""

from app.kit.slugs import make_slug
from app.language.english import FUNCTION_WORDS
from app.seo.checks.romanisation import romanise
from app.seo.findings import Outcome, check
from app.seo.page import Page

_HALF = 0.5
_HEADLESS_WORDS = 300
_MANY_IMAGES = 5
_WHOLE_SLUG_WORDS = 2


@check("kp.meta", group="keyphrase")
def meta(page: Page) -> Outcome | None:
    """The description holds the keyphrase once or twice."""
    if not page.content:
        return None
    least, most = page.limits.meta_matches
    count = sum(map(page.matches, page.meta_sentences))
    values = {"count": count, "most": most}
    if least <= count <= most:
        message = "The meta description holds the keyphrase."
        return Outcome(9, count, f"{least}-{most}", message, values=values)
    if count == 0:
        return Outcome(
            3,
            count,
            f"{least}-{most}",
            "The meta description does not hold the keyphrase.",
            "Write it so that searchers see their words again.",
            values,
        )
    return Outcome(
        3,
        count,
        f"{least}-{most}",
        "The meta description holds the keyphrase {count} times.",
        "{most} times are enough; say with the rest what the reader gets.",
        values,
    )


@check("kp.headings", group="keyphrase")
def headings(page: Page) -> Outcome | None:
    """A share of H2 and H3 headings reflects the topic: more than half of the content words."""
    if not page.content:
        return None
    low, high = page.limits.heading_share
    found = page.heading_shares
    threshold = f"{low:.0%}-{high:.0%}"
    if not found:
        if page.english_words <= _HEADLESS_WORDS:
            message = "A text this short needs no headings."
            return Outcome(9, None, threshold, message)
        return Outcome(
            2,
            0,
            threshold,
            "The text has no headings that could show its topic.",
            "Divide it with headings (`##`), some of them with words of the keyphrase.",
        )
    topical = [block for block, share in found if share > _HALF]
    share = len(topical) / len(found)
    values = {"count": len(topical), "total": len(found), "share": share, "low": low, "high": high}
    if low <= share <= high or (len(found) == 1 and topical):
        return Outcome(
            9,
            round(share, 2),
            threshold,
            "Headings that show the topic: {count} of {total}.",
            values=values,
        )
    if share < low:
        return Outcome(
            3,
            round(share, 2),
            threshold,
            "Few headings show the topic: {count} of {total}.",
            "Use words of the keyphrase in {low:.0%} to {high:.0%} of the headings (`##`, `###`).",
            values,
            tuple(block.span for block, part in found if part <= _HALF),
        )
    return Outcome(
        3,
        round(share, 2),
        threshold,
        "Nearly every heading repeats the keyphrase: {count} of {total}.",
        "Keep it in at most {high:.0%} of the headings; let the others name their own subject.",
        values,
        tuple(block.span for block in topical),
    )


@check("kp.title", group="keyphrase")
def title(page: Page) -> Outcome | None:
    """The exact keyphrase at the start of the title; leading function words are passed over."""
    text = page.article.title.strip()
    if page.keyphrase is None or not page.content:
        return None
    phrase = " ".join(page.article.keyphrase.split()).casefold()
    flat = " ".join(text.split()).casefold()
    at = flat.find(phrase)
    if page.language == "ko" and at < 0:
        hits = page.hits(text)
        at = hits[0].start if hits else -1
    threshold = "at the start"
    if at >= 0 and _only_function_words(flat[:at]):
        return Outcome(9, at, threshold, "The title begins with the keyphrase.")
    if at >= 0:
        return Outcome(
            6,
            at,
            threshold,
            "The title holds the keyphrase, but not at the start.",
            "Begin the title with it if that still reads well.",
        )
    if page.share(text) >= 1:
        return Outcome(
            6,
            None,
            threshold,
            "The title holds the keyphrase's words, but not as they are searched for.",
            "Write the keyphrase in one piece, best at the start.",
        )
    return Outcome(
        2,
        None,
        threshold,
        "The title does not hold the keyphrase.",
        "Put the keyphrase into the title, best at the start.",
    )


@check("kp.slug", group="keyphrase")
def slug(page: Page) -> Outcome | None:
    """The address holds the keyphrase: all of up to two words, else more than half.

    A Korean keyphrase may stand there in Hangul or romanised. Whether a Latin slug translates it
    nobody measured, so that is told and not scored.
    """
    if not page.content:
        return None
    words = page.article.slug.replace("-", " ").replace("_", " ").strip()
    if not words:
        return Outcome(
            3, 0, "set", "The article has no address (slug) yet.", "Set one from the keyphrase."
        )
    share = max(page.share(words), _romanised_share(page, words))
    many = len(page.content) > _WHOLE_SLUG_WORDS
    threshold = "> 50 %" if many else "100 %"
    if share > _HALF if many else share >= 1:
        return Outcome(9, round(share, 2), threshold, "The address holds the keyphrase.")
    if page.language == "ko" and words.isascii() and not page.article.keyphrase.isascii():
        return Outcome(
            None,
            None,
            threshold,
            "The address is in Latin letters; whether it translates the keyphrase is not measured.",
            "Check that it says the same as the keyphrase, or use Hangul.",
        )
    return Outcome(
        6,
        round(share, 2),
        threshold,
        "The address does not hold the keyphrase.",
        "Use “{slug}” or a part of it. A published address stays reachable by a redirect.",
        {"slug": make_slug(page.article.keyphrase)},
    )


def _only_function_words(lead: str) -> bool:
    """Whether nothing of weight stands before the keyphrase."""
    words = (word.strip("\"'“”‘’([:,.-") for word in lead.split())
    return all(not word or word in FUNCTION_WORDS for word in words)


def _romanised_share(page: Page, slug_words: str) -> float:
    """How much of a Korean keyphrase's words the slug holds in Latin letters."""
    if page.language != "ko":
        return 0.0
    latin = slug_words.replace(" ", "").lower()
    words = [romanise(word) for word in page.article.keyphrase.split()]
    return sum(word in latin for word in words) / len(words) if words else 0.0


@check("kp.alt", group="keyphrase")
def alt(page: Page) -> Outcome | None:
    """Some image's alternative text holds at least half of the keyphrase's words."""
    if not page.content:
        return None
    images = page.document.images
    low, high = page.limits.heading_share
    threshold = f"1 or more; from {_MANY_IMAGES} images on {low:.0%}-{high:.0%}"
    if not images and not page.has_images:
        return Outcome(
            None,
            0,
            threshold,
            "The article has no image, and the site has none to offer.",
            "Upload one that shows something (PNG, JPEG, WebP or GIF), then put it into the text: "
            "`![what it shows](address)`.",
        )
    if not images:
        return Outcome(
            3,
            0,
            threshold,
            "The article has no image whose alternative text could name the topic.",
            "Add an image that shows something, and describe it: `![what it shows](address)`.",
        )
    topical = [image for image in images if page.meant_share(image.alt) >= _HALF]
    share = len(topical) / len(images)
    values = {"count": len(topical), "total": len(images)}
    enough = low <= share <= high if len(images) >= _MANY_IMAGES else bool(topical)
    if enough:
        message = "Images described with the keyphrase: {count} of {total}."
        return Outcome(9, round(share, 2), threshold, message, values=values)
    if len(topical) > len(images) * high:
        return Outcome(
            6,
            round(share, 2),
            threshold,
            "Nearly every image is described with the keyphrase: {count} of {total}.",
            "Describe what each image shows; not every one shows the topic itself.",
            values,
            tuple(image.span for image in topical),
        )
    return Outcome(
        6,
        round(share, 2),
        threshold,
        "Few images are described with the keyphrase: {count} of {total}.",
        "Where an image shows the topic, say so in its alternative text.",
        values,
        tuple(image.span for image in images if image not in topical),
    )


@check("kp.anchor", group="keyphrase")
def anchor(page: Page) -> Outcome | None:
    """No link's words are just the keyphrase: it would recommend another page for it."""
    if not page.content:
        return None
    rivals = tuple(
        link.span
        for link in page.document.links
        if page.meant(link.text) and page.only_keyphrase(link.text)
    )
    if not rivals:
        return Outcome(8, 0, "0", "No link competes for the keyphrase.")
    return Outcome(
        2,
        len(rivals),
        "0",
        "Links that carry just the keyphrase to another page: {count}.",
        "Word the link by what the other page tells.",
        {"count": len(rivals)},
        rivals,
    )


CHECKS = (meta, headings, title, slug, alt, anchor)
