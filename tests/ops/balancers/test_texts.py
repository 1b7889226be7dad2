"""Configurations that no program here reads: they say what the policy says, in the words of their formats."""

import re
from typing import Any

import pytest
import yaml

from app.config import BalancerSettings, DrainSettings, MediaSettings, Settings
from app.kit.errors import Invalid
from app.ops.balancers.alb import alb
from app.ops.balancers.compose import compose
from app.ops.balancers.k8s import k8s
from app.ops.balancers.nginx import nginx
from app.ops.balancers.plan import make_plan
from app.ops.balancers.traefik import traefik
from app.web.bodies import MAX_BYTES

THREE = ["10.0.0.5:8000", "10.0.0.6:8000", "10.0.0.7:8000"]

# What the AWS provider documents (version 5), for the resources used.
DOCUMENTED = {
    "aws_lb": "name load_balancer_type internal subnets security_groups drop_invalid_header_fields "
    "desync_mitigation_mode xff_header_processing_mode idle_timeout client_keep_alive",
    "aws_lb_target_group": "name port protocol target_type vpc_id load_balancing_algorithm_type "
    "deregistration_delay slow_start health_check stickiness",
    "health_check": "enabled protocol port path matcher interval timeout healthy_threshold unhealthy_threshold",
    "stickiness": "type enabled cookie_duration cookie_name",
    "aws_lb_listener": "load_balancer_arn port protocol ssl_policy certificate_arn default_action",
    "default_action": "type target_group_arn",
    "aws_lb_listener_rule": "listener_arn priority condition action",
    "condition": "path_pattern host_header http_header",
    "path_pattern": "values",
    "action": "type fixed_response target_group_arn",
    "fixed_response": "content_type message_body status_code",
    "aws_lb_target_group_attachment": "target_group_arn target_id port availability_zone",
    "variable": "type description default",
    "terraform": "required_version required_providers",
    "required_providers": "aws",
}


def read_terraform(text: str) -> list[tuple[str, dict[str, Any]]]:
    """The blocks of a file in the subset of HCL that we write: a block's words, its attributes, its blocks."""
    stack: list[dict[str, Any]] = [{"": []}]
    for line in text.splitlines():
        line = re.sub(r'\s#(?=([^"]*"[^"]*")*[^"]*$).*|^\s*#.*', "", line).strip()
        if not line:
            continue
        if block := re.fullmatch(r'([a-z_]+)((?: "[A-Za-z0-9_]+")*) \{', line):
            inner: dict[str, Any] = {"": []}
            stack[-1][""].append((block[1] + block[2].replace('"', ""), inner))
            stack.append(inner)
        elif line == "}":
            stack.pop()
        elif line == "aws = {":  # the one object: a provider's source
            stack[-1]["aws"] = "object"
            stack.append({"": []})
        else:
            attribute = re.fullmatch(r"([a-z_]+) *= (.+)", line)
            assert attribute, line
            stack[-1][attribute[1]] = attribute[2].strip('"')
    assert len(stack) == 1, "a block is not closed"
    return stack[0][""]


def hold_to_documentation(blocks: list[tuple[str, dict[str, Any]]]) -> None:
    for words, block in blocks:
        kind = words.split()[1] if words.startswith("resource ") else words.split()[0]
        names = set(block) - {""} | {inner.split()[0] for inner, _ in block[""]}
        assert names <= set(DOCUMENTED[kind].split()), (words, names)
        hold_to_documentation(block[""])


def test_the_load_balancer_of_aws_has_the_guides_numbers() -> None:
    blocks = read_terraform(alb(make_plan(Settings(), THREE)))

    hold_to_documentation(blocks)
    named = dict(blocks)
    group = named["resource aws_lb_target_group ai_seo_blogger"]
    check = dict(group[""])["health_check"]
    assert check["path"] == "/health"
    assert check["interval"] == "10"
    assert check["timeout"] == "5"
    assert check["healthy_threshold"] == "2"
    assert check["unhealthy_threshold"] == "3"
    assert group["deregistration_delay"] == "30"
    assert group["load_balancing_algorithm_type"] == "least_outstanding_requests"
    attached = [block for words, block in blocks if "attachment" in words]
    assert [each["target_id"] for each in attached] == ["10.0.0.5", "10.0.0.6", "10.0.0.7"]


@pytest.mark.parametrize(
    "policy",
    [
        {"interval_s": 4},
        {"interval_s": 301},
        {"timeout_s": 1},
        {"healthy": 1},
        {"unhealthy": 11},
        {"deregistration_s": 3601},
    ],
)
def test_numbers_that_aws_does_not_take_are_refused(policy: dict[str, int]) -> None:
    with pytest.raises(Invalid, match="AWS"):
        alb(make_plan(Settings(balancer=BalancerSettings(**policy)), THREE))


def test_a_target_of_aws_is_a_number() -> None:
    with pytest.raises(Invalid, match="IP address"):
        alb(make_plan(Settings(), ["app1:8000"]))


def test_traefik_has_the_policy() -> None:
    written = yaml.safe_load(traefik(make_plan(Settings(public_url="https://blog.example"), THREE)))

    http = written["http"]
    checked = http["services"]["checked"]["loadBalancer"]
    assert [each["url"] for each in checked["servers"]] == [f"http://{each}" for each in THREE]
    assert checked["healthCheck"] == {
        "path": "/health",
        "interval": "10s",
        "timeout": "5s",
        "status": 200,
    }
    assert http["services"]["ai-seo-blogger"]["failover"] == {
        "service": "checked",
        "fallback": "any",
    }
    assert "healthCheck" not in http["services"]["any"]["loadBalancer"]
    assert all(
        router["rule"].startswith("Host(`blog.example`)") for router in http["routers"].values()
    )
    used = {name for router in http["routers"].values() for name in router["middlewares"]}
    assert used == set(http["middlewares"])
    assert http["serversTransports"]["instances"]["forwardingTimeouts"]["dialTimeout"] == "1s"
    # Measuring a body holds the answer back as well, and a compressor does: neither is before a stream.
    assert http["routers"]["events"]["middlewares"] == ["forwarded", "again"]


def objects(text: str) -> dict[tuple[str, str], Any]:
    return {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(text)}


def test_kubernetes_has_the_guides_names_and_probes() -> None:
    found = objects(k8s(make_plan(Settings(), [])))

    deployment = found["Deployment", "ai-seo-blogger"]["spec"]
    assert deployment["replicas"] == 3
    pod = deployment["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == "ai-seo-blogger:latest"
    assert container["ports"] == [{"name": "http", "containerPort": 8000}]
    assert container["env"][0]["valueFrom"]["secretKeyRef"] == {"name": "db-secret", "key": "url"}
    assert (
        found["ConfigMap", "ai-seo-blogger-config"]["data"]["REDIS_URL"]
        == "redis://redis-service:6379/0"
    )
    live, ready = container["livenessProbe"], container["readinessProbe"]
    assert live["httpGet"]["path"] == "/health/liveness"
    assert (live["initialDelaySeconds"], live["periodSeconds"]) == (30, 10)
    assert ready["httpGet"]["path"] == "/health/readiness"
    assert (ready["initialDelaySeconds"], ready["periodSeconds"]) == (10, 5)
    start = container["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] == 60
    service = found["Service", "ai-seo-blogger-service"]["spec"]
    assert (service["ports"][0]["port"], service["ports"][0]["targetPort"]) == (80, "http")


def test_kubernetes_knows_the_name_that_readers_type_and_no_address_but_the_pods_own() -> None:
    settings = Settings(public_url="https://Blog.Example.org:8443/path")

    found = objects(k8s(make_plan(settings, [])))

    config = found["ConfigMap", "ai-seo-blogger-config"]["data"]
    assert config["PUBLIC_URL"] == "https://blog.example.org:8443"
    assert "ALLOWED_HOSTS" not in config, "it is one for all, and an instance knows its own"
    (container,) = found["Deployment", "ai-seo-blogger"]["spec"]["template"]["spec"]["containers"]
    assert "$(POD_IP)" in container["command"]
    assert "POD_IP" in {each["name"] for each in container["env"]}


@pytest.mark.parametrize("url", ["ftp://blog.example", "https://blog.example:99999"])
def test_an_address_that_is_none_of_a_blog_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="PUBLIC_URL"):
        make_plan(Settings(public_url=url), [])


def test_kubernetes_selects_what_it_makes() -> None:
    found = objects(k8s(make_plan(Settings(), [])))

    labels = found["Deployment", "ai-seo-blogger"]["spec"]["template"]["metadata"]["labels"]
    migrating = found["Job", "ai-seo-blogger-migrate"]["spec"]["template"]["metadata"]["labels"]
    service = found["Service", "ai-seo-blogger-service"]["spec"]["selector"]
    budget = found["PodDisruptionBudget", "ai-seo-blogger"]["spec"]["selector"]["matchLabels"]
    assert found["Deployment", "ai-seo-blogger"]["spec"]["selector"]["matchLabels"] == labels
    assert service == budget == labels
    assert migrating != labels, "the Service would send readers to the migration"
    (rule,) = found["Ingress", "ai-seo-blogger"]["spec"]["rules"]
    backends = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert backends == {"/metrics": "ai-seo-blogger-nowhere", "/": "ai-seo-blogger-service"}
    assert "selector" not in found["Service", "ai-seo-blogger-nowhere"]["spec"]


def test_kubernetes_gives_a_drain_its_time_and_migrates_once() -> None:
    settings = Settings(drain=DrainSettings(wait_s=50, deadline_s=200.5))

    found = objects(k8s(make_plan(settings, [])))

    pod = found["Deployment", "ai-seo-blogger"]["spec"]["template"]["spec"]
    pre_stop = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] > 200.5 + pre_stop
    assert found["ConfigMap", "ai-seo-blogger-config"]["data"]["MIGRATE_ON_START"] == "false"
    job = found["Job", "ai-seo-blogger-migrate"]["spec"]["template"]["spec"]["containers"][0]
    assert job["command"] == ["ai-seo-blogger", "db", "upgrade"]
    for container in (job, pod["containers"][0]):
        assert container["securityContext"]["runAsNonRoot"]
        assert container["securityContext"]["readOnlyRootFilesystem"]


def test_compose_publishes_the_balancer_alone_and_on_loopback() -> None:
    written = yaml.safe_load(
        compose(make_plan(Settings(), [], listen="127.0.0.1:9090"), replicas=5)
    )

    services = written["services"]
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"nginx": ["127.0.0.1:9090:80"]}
    assert {f"app{number}" for number in range(1, 6)} <= set(services)
    assert {
        service["environment"]["APP_FLEET__ADDRESS"]
        for name, service in services.items()
        if name[:3] == "app"
    } == {f"app{number}:8000" for number in range(1, 6)}
    assert written["services"]["app1"]["stop_grace_period"] == "100s"


def test_compose_holds_no_secret() -> None:
    text = compose(make_plan(Settings(), []))

    for name in (
        "POSTGRES_PASSWORD",
        "VALKEY_PASSWORD",
        "SECRET_KEY",
        "S3_ACCESS_KEY",
        "S3_SECRET_KEY",
    ):
        assert f"${{{name}:?" in text
    assert not re.search(r"PASSWORD: (?!\"\$\{)", text)


def test_compose_carries_nginx_as_it_is_written() -> None:
    written = yaml.safe_load(compose(make_plan(Settings(), []), replicas=2))

    site = written["configs"]["nginx"]["content"]

    assert not re.search(r"(?<!\$)\$(?!\$)", site.replace("$$", "")), "compose would fill it in"
    plain = site.replace("$$", "$")
    inner = make_plan(Settings(), ["app1:8000", "app2:8000"], listen="0.0.0.0:80")
    assert plain.strip() == nginx(inner, version=(1, 31), log="/dev/stdout").strip()


@pytest.mark.parametrize(
    ("version", "waits"), [(None, False), ((1, 22, 1), False), ((1, 27, 4), True), ((1, 31), True)]
)
def test_nginx_waits_for_idle_readers_where_it_can(
    version: tuple[int, ...] | None, waits: bool
) -> None:
    text = nginx(make_plan(Settings(), ["a:1"]), version=version)

    assert ("\n    keepalive_min_timeout" in text) == waits
    assert "keepalive_min_timeout" in text


@pytest.mark.parametrize("replicas", [0, 51])
def test_a_fleet_on_one_machine_is_of_one_machines_size(replicas: int) -> None:
    with pytest.raises(Invalid, match="instances"):
        compose(make_plan(Settings(), []), replicas=replicas)


def test_bodies_have_room_for_the_largest_upload() -> None:
    usual = make_plan(Settings(), [])
    large = make_plan(Settings(media=MediaSettings(max_bytes=100 * 1024**2)), [])

    assert usual.body_bytes > MAX_BYTES
    assert large.body_bytes > 100 * 1024**2
