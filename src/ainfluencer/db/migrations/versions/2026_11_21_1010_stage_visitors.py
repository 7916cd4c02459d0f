"""stage visitors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5f1c0a7e92d4"
down_revision = "ca7bb74d1818"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A person of the workspace may have an account on the Stage."""
    op.add_column("stage_accounts", sa.Column("user_id", sa.String(length=26), nullable=True))
    op.create_index(
        "ix_stage_accounts_workspace_id_user_id", "stage_accounts", ["workspace_id", "user_id"], unique=True
    )


def downgrade() -> None:
    """Without visitors."""
    op.drop_index("ix_stage_accounts_workspace_id_user_id", table_name="stage_accounts")
    op.drop_column("stage_accounts", "user_id")
