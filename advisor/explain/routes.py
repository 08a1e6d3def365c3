"""The written rule of a mix: what goes where, with the figures it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.explain import case_words
from advisor.explain.figures import YOURS, Figures, Origin

if TYPE_CHECKING:
    from advisor.evidence import Estimate
    from advisor.options import Setting


def route_words(f: Figures, setting: Setting, route: str) -> str:
    """The rule of a mix in words.

    Args:
        route: its phrase key (`route.private` ...).
    """
    return f.words.say(route, **_figures(f, setting, route))


def _figures(f: Figures, setting: Setting, route: str) -> dict[str, str]:
    case, words = setting.case, f.words
    match route:
        case "route.private":
            share = case.confidential_share or 0.0
            return {"share": f.text("rules.confidential_share", share, "", words.of_hundred(share), YOURS)}
        case "route.overflow":
            return {"busiest": case_words.busiest(f, case)}
        case "route.failover":
            rate, days = setting.judged("failure.per_year"), setting.judged("replacement.usual_days")
            return {
                "rate": f.text("risk.failure", rate.likely, "a year", words.of_hundred(rate.likely), _of(rate)),
                "days": f.time("risk.replacement", days.likely * 86400, _of(days)),
            }
        case "route.standby":
            down = setting.judged("outage.line_hours_a_year")
            return {"hours": f.hours("risk.line_hours", down.likely, _of(down), down.low, down.high)}
        case "route.hard":
            hard = setting.judged("hybrid.hard_share")
            low, high = words.of_hundred(hard.low), words.of_hundred(hard.high)
            likely = f.text("mix.hard_share", hard.likely, "", words.of_hundred(hard.likely), _of(hard), hard.low, hard.high)
            return {
                "share": likely,
                "low": f.text("mix.hard_share.low", hard.low, "", low, _of(hard)),
                "high": f.text("mix.hard_share.high", hard.high, "", high, _of(hard)),
            }
        case "route.further":
            share = max(s.calls for s in setting.work.steps[1:])
            return {"share": f.text("job.more_models.share", share, "", words.of_hundred(share), YOURS)}
        case "route.learn":
            times = case.retrainings_per_year or 0.0
            return {"times": f.count("job.retrainings_per_year", times, "time", YOURS)}
        case _:
            return {}


def _of(e: Estimate) -> Origin:
    return Origin(e.basis, e.source.title, e.source.as_of)
