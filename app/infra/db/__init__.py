"""The database: one code path for SQLite (WAL) and PostgreSQL."""

from app.infra.db.engine import AWAY as AWAY
from app.infra.db.engine import POOL_SIZE as POOL_SIZE
from app.infra.db.engine import Database as Database
from app.infra.db.engine import DatabaseAway as DatabaseAway
from app.infra.db.engine import open_database as open_database
from app.infra.db.tables import Base as Base
from app.infra.db.tables import Moment as Moment
from app.infra.db.waiting import waits_for_database as waits_for_database
