"""Why an update is not taken: one plain sentence each, always ending in what to do."""

from __future__ import annotations

from advisor.problems import AdvisorError, Problem

_UNCHANGED = "Nothing was changed; you still have the catalog you had."
_AGAIN = "Fetch the file again from the place where you got the program."


def no_bundle(name: str) -> AdvisorError:
    """Another kind of file."""
    return _refused("NOT_A_BUNDLE", name, f"{name} is not a catalog update.", _UNCHANGED, "Choose a file that was made as one.")


def cut(name: str) -> AdvisorError:
    """The end is missing or does not fit."""
    return _refused("CUT", name, f"{name} is not whole: a part of it is missing.", _UNCHANGED, _AGAIN)


def too_large(name: str, what: str) -> AdvisorError:
    """Over one of the limits."""
    return _refused("TOO_LARGE", name, f"{name} is too large to be a catalog update: {what}.", _UNCHANGED, _AGAIN)


def bad_name(name: str) -> AdvisorError:
    """A path, a link, a name twice: nothing of ours."""
    what = f"{name} holds a file with a name that no catalog has."
    return _refused("BAD_NAME", name, what, f"It may be made to do harm. {_UNCHANGED}", "Delete it, and do not take files from there.")


def tampered(name: str) -> AdvisorError:
    """Not the bytes that were signed."""
    what = f"{name} was changed after it was signed."
    return _refused("TAMPERED", name, what, f"Its prices cannot be trusted. {_UNCHANGED}", _AGAIN)


def wrong_key(name: str) -> AdvisorError:
    """Signed by somebody else, or by nobody."""
    what = f"{name} is not signed by the makers of this program."
    return _refused("WRONG_KEY", name, what, f"Its prices cannot be trusted. {_UNCHANGED}", "Take updates only from them.")


def expired(name: str, day: str) -> AdvisorError:
    """Its last day is over."""
    what = f"{name} was good until {day} only."
    return _refused("EXPIRED", name, what, f"Its prices may have moved since. {_UNCHANGED}", "Fetch a newer update.")


def old_program() -> AdvisorError:
    """The keys inside the program have run out."""
    what = "This program is too old to check catalog updates: its keys have run out."
    return _refused("EXPIRED", "", what, _UNCHANGED, "Install a newer version of the program.")


def older(name: str, version: str, have: str) -> AdvisorError:
    """Somebody may be passing old prices off as new ones."""
    what = f"{name} holds the catalog {version}, which is older than {have}, the newest you have had."
    return _refused("OLDER", name, what, f"Old prices must not pass for new ones. {_UNCHANGED}", "To go back, use “catalog rollback”.")


def same_number(name: str, version: str) -> AdvisorError:
    """Two contents under one version."""
    what = f"{name} calls itself {version}, but it is not the catalog {version} that you have."
    return _refused("TAMPERED", name, what, f"One of them is not right. {_UNCHANGED}", "Ask the makers of the program.")


def other_form(name: str) -> AdvisorError:
    """A schema this program does not read, or tables it needs are not there."""
    what = f"{name} holds a catalog in a form that this program does not read."
    return _refused("OTHER_FORM", name, what, _UNCHANGED, "Install the newest version of the program, then try again.")


def unsound(name: str, first: str, more: int) -> AdvisorError:
    """Signed, but it fails `catalog check`."""
    rest = f" ({more} more faults)" if more else ""
    what = f"The catalog in {name} has a fault: {first.rstrip('.')}{rest}."
    return _refused("UNSOUND", name, what, f"We give no advice on rows we cannot trust. {_UNCHANGED}", "Wait for the next update.")


def no_access(name: str, why: str) -> AdvisorError:
    """The disk or the rights."""
    what = f"We could not write or read {name} ({why})."
    return _refused("NO_ACCESS", name, what, _UNCHANGED, "Make room on the disk, or look at the rights of the folder.")


def missing(name: str) -> AdvisorError:
    """No such file."""
    return _refused("NO_ACCESS", name, f"There is no file called {name} that we may read.", _UNCHANGED, "Look at its name and folder.")


def busy() -> AdvisorError:
    """Another window or command does the same right now."""
    return _refused("BUSY", "", "The catalog is being changed by another window.", _UNCHANGED, "Wait a moment, then try again.")


def nothing_before() -> AdvisorError:
    """Already at the first one."""
    what = "There is no catalog before this one: it is the one that came with the program."
    return _refused("NOTHING_BEFORE", "", what, "Nothing was changed.", "Use --catalog with the folder of another one.")


def _refused(code: str, field: str, what: str, meaning: str, do: str) -> AdvisorError:
    return AdvisorError(Problem(code, field, what, meaning, do))
