"""What a device knows people by: a name that says nothing, so that one's pages and drafts are not another's."""

import hashlib
import hmac

from town.kernel.tenancy import current_town, towns


def owner_name(person_id: int) -> str:
    """The same on every device and in every session of theirs; only this town can make it, or say whose it is."""
    said = f"owner:{current_town().uid}:{person_id}"
    return hmac.new(towns().settings.key().encode(), said.encode(), hashlib.sha256).hexdigest()[:20]
