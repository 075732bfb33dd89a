"""Why something cannot be done to a report now."""

from flask_babel import lazy_gettext as _l

from town.kernel.refusals import Refused


class NotReadYet(Refused):
    """Nobody at the town hall has read it: that comes first, with the choice to show it or not."""

    sentence = _l("Read this report first: then you may answer it.")


class NotAfterThat(Refused):
    """The state that the report is in does not lead there."""

    sentence = _l("This report has reached another state: that step no longer follows from it.")


class AnsweredMeanwhile(Refused):
    """A colleague changed the report after the page was opened."""

    sentence = _l("A colleague was faster. Read their words below; yours are kept in the form.")


class ReasonNeeded(Refused):
    """Declining without a written reason."""

    sentence = _l("Say why, in words that everybody can read.")
    status = 422


class NothingSaid(Refused):
    """An answer or a note without words."""

    sentence = _l("Write a few words first.")
    status = 422


class AskedToStayPrivate(Refused):
    """Its reporter wants only the town hall to read it, or the subject concerns somebody in particular."""

    sentence = _l("This report was sent to the town hall alone: it cannot be shown to everybody.")


class NotPublic(Refused):
    """Only public reports are followed, and only into public ones others' reports are merged."""

    sentence = _l("That report is not public.")


class OwnReport(Refused):
    """One follows one's own report anyway."""

    sentence = _l("This is your own report: you are told of each step already.")


class SameReport(Refused):
    """A report is no duplicate of itself, nor of one that is a duplicate."""

    sentence = _l("Choose another report, one that is not a duplicate itself.")
    status = 422


class NoSuchReport(Refused):
    """No report has that number."""

    sentence = _l("No report has that number.")
    status = 422
