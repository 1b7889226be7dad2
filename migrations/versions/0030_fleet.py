"""fleet."""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('fleet',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('fleet_id', sa.String(length=36), nullable=False),
    sa.Column('salt', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fleet'))
    )
    op.create_table('probes',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('value', sa.String(length=255), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_probes'))
    )
    with op.batch_alter_table('probes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_probes_expires_at'), ['expires_at'], unique=False)
    with op.batch_alter_table('instances', schema=None) as batch_op:
        batch_op.add_column(sa.Column('role', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('address', sa.String(length=255), server_default='', nullable=False))
        batch_op.add_column(sa.Column('version', sa.String(length=32), server_default='', nullable=False))
        batch_op.add_column(sa.Column('git_revision', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('schema_head', sa.String(length=32), server_default='', nullable=False))
        batch_op.add_column(sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('draining', sa.Boolean(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('drain_asked', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('probed', sa.Boolean(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('in_flight', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('running_jobs', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('clock_offset_s', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('fingerprint', sa.JSON(), server_default='{}', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('instances', schema=None) as batch_op:
        for name in ('fingerprint', 'clock_offset_s', 'running_jobs', 'in_flight', 'probed', 'drain_asked', 'draining',
                     'seen_at', 'schema_head', 'git_revision', 'version', 'address', 'role'):
            batch_op.drop_column(name)
    op.drop_table('probes')
    op.drop_table('fleet')
