"""The page itself: facts, judged and laid out, through the template. The only door of this package.

In: Facts. Out: one HTML text that fetches nothing. The same facts give the same text.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from iracing_pipeline.core.cadence import BY_ASSET, CORE
from iracing_pipeline.outputs.report import content, plots, words
from iracing_pipeline.outputs.report.facts import Facts, Season
from iracing_pipeline.outputs.report.grid import PRINTED_WEEKS, build_grid, is_now
from iracing_pipeline.outputs.report.news import tell
from iracing_pipeline.outputs.report.verdict import STATES, concerns
from iracing_pipeline.warehouse.queries.health import AssetHealth

# The page says nothing of its own age but when it was made.
_ITSELF = "season_report"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("iracing_pipeline", "outputs/report"),
        # Names are iRacing's text: nothing of theirs is ever HTML.
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        category=words.category_name,
        count=words.count,
        car_names=content.car_names,
        day=words.day,
        full_moment=words.full_moment,
        license_mark=words.license_mark,
        license_name=words.license_name,
        limit=lambda seconds: words.limit(timedelta(seconds=seconds)),
        moment=words.moment,
        needed_for_track=content.needed_for_track,
        seconds=words.seconds,
        shortened=words.shortened,
        usual_cars=content.usual_cars,
    )
    return environment


def render(facts: Facts) -> str:
    """The page. Its policy allows its own script and no other, and no request at all."""
    environment = _environment()
    script = _source(environment, "report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    now, health = facts.made_at, facts.health
    assets = [asset for asset in health.assets if asset.name != _ITSELF]
    has_run = any(asset.started_at for asset in assets)
    core = [asset.succeeded_at for asset in assets if asset.name in CORE]
    running = [s for s in facts.seasons if any(is_now(week, now) for week in s.weeks)]
    return environment.get_template("report.html.j2").render(
        facts=facts,
        now=now,
        week_ago=now - timedelta(days=facts.change_days),
        styles=Markup(_source(environment, "report.css")),  # noqa: S704 - the package's own
        script=Markup(script),  # noqa: S704 - the package's own
        script_hash=f"sha256-{digest}",
        quarter=_quarter(running or list(facts.seasons)),
        running=len(running),
        announced=sum(_is_announced(season, facts) for season in facts.seasons),
        series=len({season.series_id for season in facts.seasons}),
        grid=build_grid(facts.seasons, now),
        packages={
            "Tracks": content.track_packages(facts.seasons),
            "Cars": content.car_packages(facts.seasons, facts.cars),
        },
        printed_weeks=PRINTED_WEEKS,
        about=_about(facts.seasons),
        news=tell(facts.changes),
        assets=assets,
        has_run=has_run,
        due=_due(assets),
        states=STATES,
        concerns=concerns(health, assets) if has_run else [],
        not_run=[name for name in BY_ASSET if name not in {_ITSELF, *(one.name for one in assets)}],
        last_full_sync=min(filter(None, core), default=None) if all(core) else None,
        budget=plots.BUDGET,
        busiest=max((one.busiest_minute for one in health.calls), default=0),
        least_left=min(
            (one.least_left for one in health.calls if one.least_left is not None), default=None
        ),
        made=sum(one.made for one in health.calls),
        saved=sum(one.saved for one in health.calls),
        calls_failed=sum(one.failed for one in health.calls),
        refused=sum(one.refused for one in health.calls),
        plots={
            "runs": plots.runs_per_day(health.runs, now, facts.days),
            "durations": plots.durations(health.assets),
            "calls": plots.calls_per_day(health.calls, now, facts.days),
            "budget": plots.budget_per_day(health.calls, now, facts.days),
        },
    )


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _quarter(seasons: list[Season]) -> str:
    """`2026 season 4`: that of most of them."""
    quarters = Counter(
        (season.season_year, season.season_quarter)
        for season in seasons
        if season.season_year and season.season_quarter
    )
    if not quarters:
        return ""
    (year, quarter), _ = max(quarters.items(), key=lambda item: (item[1], item[0]))
    return f"{year} season {quarter}"


def _about(seasons: Iterable[Season]) -> Mapping[str, str]:
    """Licence classes and categories of each series: words to find it by, where only its name stands."""
    found: dict[str, set[str]] = defaultdict(set)
    for season in seasons:
        found[season.series_name] |= {
            words.category_name(season.category),
            words.license_name(season.license_group),
        }
    return {name: ", ".join(sorted(about)) for name, about in found.items()}


def _due(assets: Iterable[AssetHealth]) -> Mapping[str, datetime]:
    """When each asset that is well would be stale, were it not run again."""
    return {
        asset.name: asset.succeeded_at + timedelta(seconds=asset.max_age_seconds)
        for asset in assets
        if asset.succeeded_at and asset.max_age_seconds is not None and not asset.is_stale
    }


def _is_announced(season: Season, facts: Facts) -> bool:
    starts = [week.week_start for week in season.weeks if week.week_start]
    return bool(starts) and min(starts) > facts.made_at
