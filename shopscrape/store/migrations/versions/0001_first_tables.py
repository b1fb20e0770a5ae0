"""First tables, as the records stand at the first release."""

from alembic import op

from shopscrape.store.schema import METADATA

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table. Later revisions spell out what they add; until the first release this one follows the items."""
    METADATA.create_all(op.get_bind())


def downgrade() -> None:
    """Drop every table."""
    METADATA.drop_all(op.get_bind())
