"""Language models behind one port: hosted, self-hosted, or the small local one run as a child."""

from app.infra.llm.circuit import Circuit as Circuit
from app.infra.llm.circuit import CircuitLimits as CircuitLimits
from app.infra.llm.circuit import CircuitModel as CircuitModel
from app.infra.llm.fallback import in_order as in_order
from app.infra.llm.opening import open_model as open_model
from app.infra.llm.opening import provider_of as provider_of
from app.infra.llm.port import Completion as Completion
from app.infra.llm.port import Keys as Keys
from app.infra.llm.port import LanguageModel as LanguageModel
from app.infra.llm.port import Limits as Limits
from app.infra.llm.port import ModelAway as ModelAway
from app.infra.llm.port import ModelFailed as ModelFailed
from app.infra.llm.port import ModelInvalid as ModelInvalid
from app.infra.llm.port import ModelRefused as ModelRefused
from app.infra.llm.port import Question as Question
from app.infra.llm.prices import BadPrices as BadPrices
from app.infra.llm.prices import Prices as Prices
from app.infra.llm.prices import read_prices as read_prices
from app.infra.llm.status import ModelStatus as ModelStatus
from app.infra.llm.status import status as status
