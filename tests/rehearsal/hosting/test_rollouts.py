"""How a new configuration takes over: in steps on the emulated clock, and back when an alarm goes off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.rehearsal.test_workloads_api import refused

if TYPE_CHECKING:
    from tests.rehearsal.hosting.conftest import Host

pytestmark = pytest.mark.slow

WAITS = {"Endpoint.waits": 1, "InferenceComponent.waits": 1}


def size(percent: int) -> dict[str, Any]:
    return {"Type": "CAPACITY_PERCENT", "Value": percent}


def blue_green(kind: str, wait: int = 0, keep_old: int = 0, **steps: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **steps}
    return {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": keep_old}


def canary(percent: int = 10, wait: int = 600, keep_old: int = 300) -> dict[str, Any]:
    return {"BlueGreenUpdatePolicy": blue_green("CANARY", wait, keep_old, CanarySize=size(percent))}


def update(host: Host, config: str = "new", **more: Any) -> None:
    host.sm.update_endpoint(EndpointName="e", EndpointConfigName=config, **more)


def shown(host: Host) -> tuple[str, str]:
    found = host.sm.describe_endpoint(EndpointName="e")
    return found["EndpointStatus"], found["EndpointConfigName"]


def test_a_canary_answers_its_part_then_everything_and_the_old_instances_stay_a_while(host: Host) -> None:
    host.serve_two()
    host.aws.control.set_delays(WAITS | {"Endpoint.update": 120})
    update(host, DeploymentConfig=canary(20))
    # The new instances start: nobody is sent there.
    assert host.models(5) == ["old"] * 5
    pending = host.sm.describe_endpoint(EndpointName="e")["PendingDeploymentSummary"]
    assert pending["EndpointConfigName"] == "new"
    assert pending["ProductionVariants"][0]["VariantStatus"][0]["Status"] == "Creating"
    host.aws.control.advance_clock(120)
    assert sorted(host.models(10)) == ["new"] * 2 + ["old"] * 8
    assert shown(host) == ("Updating", "old")
    host.aws.control.advance_clock(600)
    assert host.models(3) == ["new"] * 3
    assert shown(host) == ("Updating", "old")
    with refused("ValidationException", "in-progress endpoint"):
        update(host, "old")
    host.aws.control.advance_clock(300)
    assert shown(host) == ("InService", "new")
    after = host.sm.describe_endpoint(EndpointName="e")
    assert "PendingDeploymentSummary" not in after
    assert after["LastDeploymentConfig"] == canary(20)


@pytest.mark.parametrize(
    "deployment",
    [
        {"BlueGreenUpdatePolicy": blue_green("LINEAR", 60, 60, LinearStepSize=size(50))},
        {"RollingUpdatePolicy": {"MaximumBatchSize": size(50), "WaitIntervalInSeconds": 60}},
        {
            "RollingUpdatePolicy": {
                "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
                "WaitIntervalInSeconds": 60,
            }
        },
    ],
    ids=["linear", "rolling", "rolling by instances"],
)
def test_equal_steps_follow_each_other(host: Host, deployment: dict[str, Any]) -> None:
    host.serve_two()
    host.aws.control.set_delays(WAITS)
    update(host, DeploymentConfig=deployment)
    seen = []
    for _ in range(3):
        seen.append((sorted(host.models(4)), *shown(host)))
        host.aws.control.advance_clock(60)
    assert seen == [
        (["new", "new", "old", "old"], "Updating", "old"),
        (["new"] * 4, "Updating", "old"),
        (["new"] * 4, "InService", "new"),
    ]


@pytest.mark.parametrize(
    "deployment",
    [
        canary(),
        {"BlueGreenUpdatePolicy": blue_green("ALL_AT_ONCE", keep_old=300)},
        {"BlueGreenUpdatePolicy": blue_green("LINEAR", 300, LinearStepSize=size(50))},
        {"RollingUpdatePolicy": {"MaximumBatchSize": size(50), "WaitIntervalInSeconds": 300}},
    ],
    ids=["canary", "all at once", "linear", "rolling"],
)
def test_an_alarm_during_the_deployment_sends_everything_back(host: Host, deployment: dict[str, Any]) -> None:
    host.serve_two()
    host.aws.control.set_delays(WAITS | {"Endpoint.rollback": 60})
    update(host, DeploymentConfig=deployment | {"AutoRollbackConfiguration": host.alarm()})
    assert "new" in host.models(2)
    host.alarm(state="ALARM")
    # It went off before the clock moved: the time that passes now does not make it good.
    host.aws.control.advance_clock(30)
    assert shown(host) == ("RollingBack", "old")
    host.alarm(state="OK")
    assert host.models(3) == ["old"] * 3
    host.aws.control.advance_clock(60)
    found = host.sm.describe_endpoint(EndpointName="e")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "old")
    assert found["FailureReason"] == (
        "The deployment of endpoint configuration new was rolled back: "
        "the alarm(s) errors went off during the deployment."
    )
    host.aws.control.set_delays({"Endpoint.waits": 0, "Endpoint.rollback": 0})
    update(host, RetainDeploymentConfig=True)
    found = host.sm.describe_endpoint(EndpointName="e")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "new")
    assert "FailureReason" not in found


def test_an_alarm_after_the_end_or_of_somebody_else_changes_nothing(host: Host) -> None:
    host.serve_two()
    host.alarm("other")
    host.alarm("other", "ALARM")
    update(host, DeploymentConfig=canary() | {"AutoRollbackConfiguration": host.alarm()})
    host.alarm(state="ALARM")
    assert shown(host) == ("InService", "new")
    # Nothing waits unless a test says so; but an alarm that rings already is heard.
    update(host, "old", RetainDeploymentConfig=True)
    assert shown(host) == ("InService", "new")


def test_what_the_service_excludes_goes_at_once_and_unwatched(host: Host) -> None:
    host.serve_two()
    host.aws.control.set_delays(WAITS)
    host.config("inf", host.variant(model="new", InstanceType="ml.inf1.xlarge"))
    watched = {"AutoRollbackConfiguration": host.alarm()}
    host.alarm(state="ALARM")
    update(host, "inf", DeploymentConfig=canary() | watched)
    assert shown(host) == ("InService", "inf")
    pair = [host.variant("a", "old"), host.variant("b", "old")]
    host.config("pair", *pair)
    host.config("pair2", *pair)
    update(host, "pair")
    rolling = {"MaximumBatchSize": size(50), "WaitIntervalInSeconds": 60}
    update(host, "pair2", DeploymentConfig={"RollingUpdatePolicy": rolling} | watched)
    assert shown(host) == ("InService", "pair2")


def test_a_guarded_deployment_needs_the_variants_it_finds(host: Host) -> None:
    host.serve_two()
    host.config("renamed", host.variant("other", "new"))
    with refused("ValidationException", "must have the variants of the old one"):
        update(host, "renamed", DeploymentConfig=canary())
    update(host, "renamed")
    assert shown(host) == ("InService", "renamed")


def test_instances_do_not_become_serverless_and_serverless_ones_get_a_canary(host: Host) -> None:
    host.serve_two()
    memory = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    for name in ("s1", "s2"):
        host.config(name, host.variant(model="old" if name == "s1" else "new", serverless=memory))
    with refused("ValidationException", "cannot be converted to a serverless endpoint"):
        update(host, "s1")
    host.sm.delete_endpoint(EndpointName="e")
    host.sm.create_endpoint(EndpointName="e", EndpointConfigName="s1")
    host.aws.control.set_delays(WAITS)
    update(host, "s2", DeploymentConfig=canary(50))
    assert sorted(host.models(4)) == ["new", "new", "old", "old"]
    host.aws.control.advance_clock(900)
    assert shown(host) == ("InService", "s2")


def test_a_component_rolls_to_its_new_model_and_back(host: Host) -> None:
    for name in ("old", "new"):
        host.model(name)
    host.config("c", host.variant(model=None))
    host.sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
    needs = {"ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128}}
    host.sm.create_inference_component(
        InferenceComponentName="i",
        EndpointName="e",
        VariantName="primary",
        Specification={"ModelName": "old", **needs},
        RuntimeConfig={"CopyCount": 2},
    )
    policy = {"MaximumBatchSize": {"Type": "COPY_COUNT", "Value": 1}, "WaitIntervalInSeconds": 60}
    deployment = {"RollingUpdatePolicy": policy, "AutoRollbackConfiguration": host.alarm()}
    host.aws.control.set_delays(WAITS)

    def models() -> list[str]:
        asked = [host.ask(InferenceComponentName="i").partition(";")[0] for _ in range(2)]
        return sorted(one.removeprefix("model=") for one in asked)

    for state, after in (("ALARM", "old"), ("OK", "new")):
        wanted = {"ModelName": "new", **needs}
        host.sm.update_inference_component(
            InferenceComponentName="i", Specification=wanted, DeploymentConfig=deployment
        )
        assert models() == ["new", "old"]
        host.alarm(state=state)
        host.aws.control.advance_clock(120)
        found = host.sm.describe_inference_component(InferenceComponentName="i")
        assert found["InferenceComponentStatus"] == "InService"
        assert found["Specification"]["ModelName"] == after
        assert ("FailureReason" in found) == (after == "old")
        assert models() == [after, after]
        host.alarm(state="OK")
