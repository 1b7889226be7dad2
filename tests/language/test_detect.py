"""Which sentences are no English: by script, and in Latin script by their small words."""

import pytest

from app.language.detect import is_not_english

OTHER = [
    "Die horizontale Skalierung verteilt die Last auf mehrere Server und ist nicht schwer.",  # codespell:ignore
    "La mise à l'échelle horizontale répartit la charge sur plusieurs serveurs.",  # codespell:ignore
    "El escalado horizontal reparte la carga entre varios servidores de la red.",  # codespell:ignore
    "O escalonamento horizontal distribui a carga por vários servidores e não é difícil.",
    "Lo scaling orizzontale distribuisce il carico su più server della rete.",
    "Horizontaal schalen verdeelt de last over meer servers en is niet moeilijk met een balancer.",
    "Horisontell skalning fördelar lasten på flera servrar och är inte svårt att införa.",
    "Skalowanie poziome rozkłada obciążenie na wiele serwerów i nie jest trudne.",
    "水平スケーリングは、複数のサーバーで処理を分担する方法です。",
    "水平扩展把负载分配到多台服务器上。",
    "هذا نص عن التوسع الأفقي في الخوادم.",
    "Горизонтальное масштабирование распределяет нагрузку между серверами.",
]
ENGLISH = [
    "Horizontal scaling adds servers.",
    "The Rio de la Plata and El Niño shape the weather of Buenos Aires and La Paz.",
    "Le Monde and Die Zeit reported on the vote in Los Angeles.",
    "Ludwig van Beethoven was born in Bonn and moved to Vienna in 1792.",
    "The motto “liberté, égalité, fraternité” stands on the front of every town hall.",
    "Set `SESSION_STORAGE` to redis, then restart.",
    "Use α = 0.05 and β = 0.2 for the test.",
    "Samsung (삼성전자) makes memory chips.",
    "GEO (Aggarwal et al., KDD 2024).",
    "Pads cost $30.",
]


@pytest.mark.parametrize("sentence", OTHER)
def test_a_sentence_of_another_language_is_seen(sentence: str) -> None:
    assert is_not_english(sentence)


@pytest.mark.parametrize("sentence", ENGLISH)
def test_names_and_quotations_of_other_languages_are_at_home_in_english(sentence: str) -> None:
    assert not is_not_english(sentence)
