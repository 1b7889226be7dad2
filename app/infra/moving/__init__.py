"""Moves an installation: its tables to another database, its files to another store, both into a backup."""

from app.infra.moving.backup import back_up as back_up
from app.infra.moving.copying import copy_database as copy_database
from app.infra.moving.copying import look_first as look_first
from app.infra.moving.files import copy_files as copy_files
from app.infra.moving.shapes import CannotMove as CannotMove
from app.infra.moving.verifying import Verified as Verified
from app.infra.moving.verifying import verify_databases as verify_databases
