"""What runs together runs in the order that the job's description promises."""

from dagster import AssetKey

from iracing_pipeline.automation.jobs import CURRENT, DERIVED
from iracing_pipeline.definitions import defs


def test_calendars_come_after_the_weeks_and_the_report_after_everything_that_it_tells_of() -> None:
    graph = defs.resolve_asset_graph()

    def before(name: str) -> set[str]:
        return {key.to_user_string() for key in graph.get_ancestor_asset_keys(AssetKey(name))}

    assert before("season_report") >= set(CURRENT)
    assert before("calendar_feeds") >= set(CURRENT) - {"weather_forecasts"}
    job = defs.resolve_job_def("sync_current_seasons")
    steps = [node.name for node in job.nodes_in_topological_order]
    assert {*CURRENT, *DERIVED} <= set(steps)
    assert steps[-1] == "season_report"
