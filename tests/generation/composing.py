"""Material for the composer's tests: sources written for them, and the way from text to article."""

from dataclasses import dataclass
from datetime import UTC, datetime

from app.generation.facts import facts_of_snapshot
from app.generation.markdown import Rendered, render_article
from app.generation.schemas import Brief, Fact, Outline, Section, SectionPlan, Snippet
from app.generation.writers.composer import Composer
from app.language.types import Language
from app.sources.domain import Rights, Snapshot
from app.sources.markdown import normalise_markdown

_MOMENT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def snapshot(
    text: str,
    *,
    language: Language = "en",
    rights: Rights = Rights.OWN,
    origin: str = "source.md",
    title: str = "A source",
) -> Snapshot:
    text = normalise_markdown(text)
    return Snapshot(
        id=Snapshot.id_of(origin, text),
        origin=origin,
        url=None,
        title=title,
        text=text,
        language=language,
        rights=rights,
        fetched_at=_MOMENT,
    )


def facts_of(*sources: Snapshot) -> list[Fact]:
    facts: list[Fact] = []
    for source in sources:
        facts += facts_of_snapshot(source, first=len(facts))
    return facts


@dataclass(frozen=True)
class Article:
    outline: Outline
    sections: list[Section]
    snippet: Snippet
    rendered: Rendered
    facts: dict[str, Fact]

    @property
    def markdown(self) -> str:
        return self.rendered.markdown


async def compose(keyword: str, *sources: Snapshot) -> Article:
    """Everything that the pipeline asks of the composer, in its order."""
    language = sources[0].language
    brief = Brief(keyword=keyword, language=language)
    facts = facts_of(*sources)
    by_id = {fact.id: fact for fact in facts}
    composer = Composer()
    outline, _ = await composer.outline(brief, facts)
    plans = [SectionPlan(heading="", fact_ids=outline.introduction), *outline.sections]
    sections = [await composer.section(brief, plan, by_id) for plan in plans]
    faq = [await composer.section(brief, plan, by_id) for plan in outline.questions]
    rendered = render_article(
        sections, faq, by_id, {source.id: source for source in sources}, language
    )
    return Article(outline, sections, await composer.snippet(brief, sections), rendered, by_id)


ENGLISH = snapshot(
    """# Connection pooling guide

We use cookies to improve your experience.

## Overview

Connection pooling is a way to reuse database connections instead of opening one for every request. A pool keeps a small number of connections open and lends them out. Opening a connection to PostgreSQL takes between 2 and 20 milliseconds.

In this guide we will look at the settings.

## 1. How a pool works

A request asks the pool for a connection and waits if none is free. When the request is done, the connection goes back to the pool. This means that ten connections can serve hundreds of users. The pool closes connections that have been idle for five minutes.

However, a pool hides slow queries. A query that holds its connection for two seconds blocks every request behind it. As shown in the figure below, latency grows quickly.

## 2. Choosing the size

The right size depends on the number of processor cores of the database server. A common start is two connections for each core plus one for each disk. Larger pools make a busy database slower, because its processes compete for the same cores.

The settings are:

- `pool_size`: 10 connections kept open
- `max_overflow`: 5 connections more under load
- `pool_timeout`: 30 seconds of waiting before an error

Do you know how large your pool is?

## 3. Several instances

Every instance of an application has a pool of its own. Four instances with a pool of 10 open 40 connections in total. PostgreSQL allows 100 connections by default, so the sum must stay below it.

| Instances | Pool size | Connections |
| --- | --- | --- |
| 2 | 10 | 20 |
| 4 | 10 | 40 |
| 8 | 10 | 80 |

A proxy such as PgBouncer can hold one pool for all instances. Run it next to the database:

```bash
pgbouncer -d /etc/pgbouncer.ini
```

The proxy lends a server connection for one transaction at a time.

## Related posts

- Ten tips for faster queries
- Why we moved to Go

## Conclusion

Connection pooling keeps the number of database connections small. Thanks for reading!
""",
    origin="pooling.md",
    title="Connection pooling guide",
)

SECOND = snapshot(
    """# Notes on pools

## How pools work

A request asks the pool for a connection and waits if no one is free. Connection pooling also limits the load on the database, because only a fixed number of queries can run at once. Most frameworks open the pool when the first query runs.

## Monitoring

Three numbers tell whether connection pooling works: connections in use, requests waiting and time spent waiting. A rising number of waiting requests means that the pool is too small or that queries are slow. Alerts should fire when requests wait longer than one second.

## FAQ

### Does a pool make queries faster?

A pool does not make a query faster. It saves the time to open a connection.

### Should every process have a pool?

Every process needs a pool of its own, because connections cannot be shared between processes.
""",
    origin="notes.md",
    title="Notes on pools",
)

KOREAN = snapshot(
    """# 커넥션 풀 안내

안녕하세요! 오늘은 커넥션 풀에 대해 알아보겠습니다.

## 들어가며

커넥션 풀은 데이터베이스 연결을 미리 열어 두고 다시 쓰는 방식이다. 연결을 새로 여는 데는 2밀리초에서 20밀리초가 걸린다. 풀을 쓰면 요청마다 연결을 열지 않아도 된다.

## 1. 동작 방식

요청이 오면 풀은 놀고 있는 연결을 빌려준다. 요청이 끝나면 연결은 풀로 돌아온다. 이 방식은 연결 열 개로 수백 명의 사용자를 처리한다. 그러나 느린 쿼리는 연결을 오래 붙잡는다.

## 2. 크기 정하기

풀의 크기는 데이터베이스 서버의 코어 수에 따라 정한다. 흔히 코어마다 연결 두 개로 시작한다. 풀이 너무 크면 데이터베이스가 오히려 느려진다.

설정 항목은 다음과 같다.

- `pool_size`: 열어 두는 연결 10개
- `max_overflow`: 바쁠 때 더 여는 연결 5개
- `pool_timeout`: 오류를 내기까지 기다리는 30초

여러분은 어떤 값을 쓰고 계신가요?

## 3. 여러 인스턴스

인스턴스마다 커넥션 풀을 따로 갖는다. 인스턴스 네 개가 연결 10개씩 열면 모두 40개가 된다. PostgreSQL은 기본으로 연결 100개를 허용한다. 합계는 100개보다 작아야 한다.

현재: 인스턴스마다 따로 여는 풀
권장: 데이터베이스 앞의 프록시 하나

```bash
pgbouncer -d /etc/pgbouncer.ini
```

## 관련 글

- 쿼리 튜닝 10가지

무단 전재 및 재배포 금지
""",
    language="ko",
    origin="pool.ko.md",
    title="커넥션 풀 안내",
)
