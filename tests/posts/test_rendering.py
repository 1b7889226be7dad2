"""Articles as HTML: what Markdown means is shown, and nothing that a page could run or load."""

import re
from html.parser import HTMLParser

import pytest

from app.kit.translations import translations
from app.posts.rendering import plain_text, render_markdown

ENGLISH = translations("messages", "en")

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](//evil.example/)",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe src=https://evil.example></iframe>",
    "<style>body{display:none}</style>",
    "<p style='background:url(https://evil.example)'>x</p>",
    "<form action=https://evil.example><input name=password></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href=https://evil.example>",
    "<object data=https://evil.example></object>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "# <img src=x onerror=alert(1)>",
    "[^1]\n\n[^1]: <script>alert(1)</script> [x](javascript:alert(1))",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "<!-- --><script>alert(1)</script>",
    '[x](https://a.example "\\"><script>alert(1)</script>")',
    "<javascript:alert(1)>",
    '<https://a.example/?q="><script>alert(1)</script>>',
]
ALLOWED_SCHEMES = ("http://", "https://", "mailto:", "#", "/")


class Elements(HTMLParser):
    """The elements of a text as a browser would open them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@pytest.mark.parametrize("markdown", HOSTILE)
def test_nothing_that_runs_or_loads_comes_through(markdown: str) -> None:
    elements = Elements(render_markdown(markdown, ENGLISH).html)

    unwanted = {
        "script",
        "img",
        "svg",
        "iframe",
        "style",
        "form",
        "input",
        "meta",
        "base",
        "object",
    }
    assert not unwanted & set(elements.tags)
    assert not [name for name, _ in elements.attributes if name.startswith("on")]
    links = [value or "" for name, value in elements.attributes if name in {"href", "src"}]
    assert all(link.startswith(ALLOWED_SCHEMES) and not link.startswith("//") for link in links)
    assert not [value for name, value in elements.attributes if name == "style"]


def test_headings_get_ids_of_their_own_and_never_the_page_s_level() -> None:
    body = render_markdown(
        "# One\n\n## 수평 확장\n\n## One\n\n### `x` & y\n\n## Sources\n", ENGLISH
    )

    assert re.findall(r'<(h\d) id="([^"]+)">', body.html) == [
        ("h2", "one"),
        ("h2", "수평-확장"),
        ("h2", "one-2"),
        ("h3", "x-y"),
        ("h2", "sources-2"),
    ]
    assert body.html.count("</h2>") == 4
    assert [heading.text for heading in body.headings] == ["One", "수평 확장", "One", "Sources"]


def test_a_source_named_often_has_one_way_back() -> None:
    html = render_markdown(
        "a[^1] b[^1] c[^1]\n\n[^1]: Source, <https://a.example/>.\n", ENGLISH
    ).html

    assert html.count('class="footnote-backref"') == 1
    assert len(set(re.findall(r'id="(fnref[^"]*)"', html))) == 3
    assert '<h2 id="sources">Sources</h2>' in html
    assert 'href="https://a.example/"' in html


def test_sources_are_headed_in_the_article_s_language() -> None:
    html = render_markdown("가[^1]\n\n[^1]: 출처.\n", translations("messages", "ko")).html

    assert '<h2 id="sources">출처</h2>' in html
    assert 'aria-label="출처 1"' in html


def test_tables_code_and_lists_are_shown() -> None:
    text = (
        "| a | b |\n| :-- | --: |\n| 1 | `x` |\n\n```python\nprint(1 < 2)\n```\n\n1. one\n2. two\n"
    )

    html = render_markdown(text, ENGLISH).html

    assert '<div class="wide"' in html
    assert '<td style="text-align:right"><code>x</code></td>' in html
    assert '<code class="language-python">print(1 &lt; 2)' in html
    assert "<ol>" in html


def test_an_empty_article_is_an_empty_page() -> None:
    assert render_markdown("", ENGLISH).html == ""


def test_plain_text_has_no_marks() -> None:
    assert plain_text("**Use** `make` — [docs](https://a.example)") == "Use make — docs"
