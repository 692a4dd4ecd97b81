"""The sensors that post to IRACING_WEBHOOK_URL: calendar changes; failures in a row, and recovery.

In: `schedule_changes`, and how Dagster's runs ended (run_alerts.py). Out: messages, each entered once and
posted until it is acknowledged; a skip reason that says what was done. No run is requested. A webhook that
does not answer delays messages, and fails nothing. One failure alone is no news: most pass with the next run.
"""

from dagster import DefaultSensorStatus, SensorEvaluationContext, SkipReason, sensor

from iracing_pipeline.automation.described import described
from iracing_pipeline.resources import IRacingResource, WarehouseResource

NOT_SET = "IRACING_WEBHOOK_URL is not set: nothing is announced. See docs/webhooks.md."


@described(
    sensor,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.RUNNING,
)
def announce_schedule_changes(iracing: IRacingResource, warehouse: WarehouseResource) -> SkipReason:
    """Posts new schedule_changes to IRACING_WEBHOOK_URL, in batches, each until it is acknowledged."""
    from iracing_pipeline.outputs.notifications.announcing import announce

    services = warehouse.services(iracing)
    url = services.settings.webhook_url
    return SkipReason(NOT_SET if url is None else announce(services.database, url))


@described(
    sensor,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.RUNNING,
)
def announce_run_failures(
    context: SensorEvaluationContext, iracing: IRacingResource, warehouse: WarehouseResource
) -> SkipReason:
    """Posts to IRACING_WEBHOOK_URL when a job or asset has failed twice in a row, and when it is well
    again."""
    from iracing_pipeline.automation.run_alerts import watch

    services = warehouse.services(iracing)
    url = services.settings.webhook_url
    if url is None:
        return SkipReason(NOT_SET)
    repository = context.repository_def
    jobs = None if repository is None else frozenset(repository.job_names)
    location = context.code_location_origin
    return SkipReason(
        watch(
            services,
            url,
            context.instance,
            jobs,
            None if location is None else location.location_name,
        )
    )
