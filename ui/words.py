"""Words for the values of answers, in one place: the question pages and the check page say the same."""

from __future__ import annotations

from typing import Final

from ui.widgets.choice_cards import Choice

NOT_SURE: Final = "not-sure"

TASKS: Final = (
    (
        "Pictures",
        (
            Choice("image-classification", "Sort photos into kinds", "Shoes, bags, coats. Or good and bad."),
            Choice("object-detection", "Find or count things", "People at a door, sheep in a field."),
            Choice("segmentation", "Cut things out", "Take the background off product photos."),
            Choice("ocr", "Read paper", "Invoices, forms, labels."),
            Choice("anomaly-detection", "Spot what is wrong", "Cracked parts, odd sounds of an engine."),
            Choice("face-recognition", "Know people by their face", "A door that opens for members."),
        ),
    ),
    (
        "Words and sound",
        (
            Choice("speech-to-text", "Turn speech into text", "Calls, voice messages, meetings."),
            Choice("text-classification", "Sort messages", "Orders, complaints, junk."),
            Choice("translation", "Translate", "Web pages, letters, offers."),
            Choice("chat", "Answer questions or write", "A helper for customers or staff."),
            Choice("embedding", "Search by meaning", "Find the right page in many."),
        ),
    ),
    (
        "Numbers",
        (
            Choice("forecast", "Say what comes next", "How many loaves to bake tomorrow."),
            Choice("recommendation", "Suggest what else to buy", "Titles or goods on a shop page."),
            Choice("other", "Something else", "None of these fits."),
        ),
    ),
)

SPEEDS: Final = (
    Choice(100.0, "Straight away", "Within a tenth of a second. For example, a camera that stops a machine."),
    Choice(1000.0, "Within a second", "A person waits in front of a screen."),
    Choice(60000.0, "Within a minute", "A photo or form is handled while work goes on."),
    Choice(3600000.0, "Within an hour", "Nobody waits, but the result is needed the same day."),
    Choice(28800000.0, "By the next morning", "A heap is worked through while nobody is waiting."),
    Choice(NOT_SURE, "I’m not sure", "We compare them and show where it changes the answer."),
)
BATCH_LIMIT_MS: Final = 28800000.0

YES_NO_UNSURE: Final = (Choice(True, "Yes"), Choice(False, "No"), Choice(NOT_SURE, "I’m not sure"))

MODELS: Final = (
    Choice("none", "I have no model yet", "We reckon with a typical one for this job."),
    Choice("file", "I have a model file", "A file that ends in .onnx. We can time it on this computer."),
    Choice("service", "I use an online service", "You send the work over the internet and pay for each piece."),
    Choice("size", "I only know how big it is", "Someone told you its size, but you have no file."),
)

DATA: Final = (
    Choice("none", "Nothing about people or secrets", "Product photos, weather, machine sounds."),
    Choice("ordinary", "Ordinary business data", "Names, addresses, orders, invoices."),
    Choice("sensitive", "Sensitive data", "Health, faces, children, trade secrets."),
    Choice(NOT_SURE, "I’m not sure", "We then take the careful side."),
)
STAY: Final = (
    Choice("anywhere", "Anywhere", "No rule says otherwise."),
    Choice("eu", "Inside the European Union", "In any of its countries."),
    Choice("country", "Inside our country", "No computer abroad."),
    Choice("on-site", "It must not leave the building", "Then nothing is rented or sent."),
    Choice(NOT_SURE, "I’m not sure", "We then take the careful side."),
)
OUTAGES: Final = (
    Choice(5.0, "Five minutes", "Work stops at once without it."),
    Choice(60.0, "An hour", "People can manage for a while."),
    Choice(480.0, "A working day", "It can be caught up."),
    Choice(4320.0, "Three days", "It would hardly be noticed."),
    Choice(NOT_SURE, "I’m not sure", "We compare them."),
)

ARRIVALS: Final = (
    (None, "We take the usual for your kind of work"),
    ("steady", "Evenly, day and night"),
    ("daytime", "During opening hours"),
    ("evenings", "Mostly in the evening"),
    ("bursty", "In sudden bursts"),
    ("batch", "In heaps, all at once"),
)
IT_SKILL: Final = (
    (None, "We take: a little"),
    ("none", "Nobody knows much about computers"),
    ("low", "Somebody can install programs"),
    ("medium", "Somebody looks after our computers"),
    ("high", "We have our own IT people"),
    (NOT_SURE, "I’m not sure"),
)
INTERNET: Final = (
    Choice("wired", "A fixed line", "Cable, fibre or telephone line."),
    Choice("mobile", "A mobile line", "Over the phone network."),
    Choice("metered", "A line we pay for by the amount", "Satellite, or a plan with a limit."),
    Choice("none", "No internet", "None where the work is done."),
    Choice(NOT_SURE, "I’m not sure", "We compare them."),
)
POWER: Final = (
    (None, "We take: the socket"),
    ("mains", "The socket"),
    ("battery", "A battery"),
    ("solar", "Solar panels"),
    (NOT_SURE, "I’m not sure"),
)
PLACES: Final = (
    (None, "We take: indoors"),
    ("indoors", "Indoors"),
    ("outdoor", "Outdoors"),
    ("vehicle", "In a vehicle or on a ship"),
    ("dusty", "In a dusty place"),
    ("cold", "In a cold place"),
    (NOT_SURE, "I’m not sure"),
)
TRAFFIC: Final = (
    (None, "We take: at our place"),
    ("site", "At our place (camera, scanner, staff)"),
    ("internet", "On the internet (web shop, app)"),
    (NOT_SURE, "I’m not sure"),
)
FREE: Final = (
    ("always", "Yes, at any time"),
    ("nights", "Yes, but only at night"),
    ("office-hours", "Yes, in office hours"),
    ("no", "No, leave it out"),
)
PREFER: Final = (
    (None, "Nothing in particular"),
    ("cheapest", "The lowest cost"),
    ("fastest", "The fastest answers"),
    ("least-upkeep", "The least work for us"),
    ("most-private", "The most private way"),
)
TAX: Final = (
    (None, "We take: without tax"),
    (True, "Add the tax"),
    (False, "Without tax"),
)
CARE: Final = (
    (None, "We take: none"),
    (True, "Yes, we take one"),
    (False, "No"),
)


def words_for(value: object, *lists: object) -> str | None:
    """The words of a value in any of the lists above (cards or pairs)."""
    for entries in lists:
        for entry in entries:  # type: ignore[attr-defined]
            known, words = (entry.value, entry.words) if isinstance(entry, Choice) else entry
            if known == value and type(known) is type(value):
                return str(words)
    return None


def task_words(task: str | None) -> str | None:
    """The words of a task."""
    return words_for(task, *(members for _, members in TASKS))


def plural(unit: str) -> str:
    """Several of a unit, in English: "photo" to "photos", "minute of audio" to "minutes of audio"."""
    if not unit or unit[0].isdigit():
        return unit
    first, *rest = unit.split(" of ")
    if first.endswith(("s", "x", "ch", "sh")):
        many = first + "es"
    elif first.endswith("y") and first[-2:-1] not in "aeiou":
        many = first[:-1] + "ies"
    else:
        many = first + "s"
    return " of ".join([many, *rest])
