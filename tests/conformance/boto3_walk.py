"""Walks the EC2 behind $ENDPOINT with boto3, a client that shares nothing with the emulator.

Prints one line for each check that fails, then "N passed, M failed"; exits with 1 if any failed.
Needs a fresh account: run it against an emulator that was just started.
"""

import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

LOST = "0" * 17
PASSED = []
FAILED = []


def check(name, actual, expected):
    (PASSED if actual == expected else FAILED).append(name)
    if actual != expected:
        print(f"failed: {name}: expected {expected!r}, got {actual!r}")


def refused(name, code, call, status=None, **parameters):
    try:
        call(**parameters)
        check(name, "no error", code)
    except ClientError as error:
        check(name, error.response["Error"]["Code"], code)
        if status is not None:
            check(f"{name}: HTTP status", error.response["ResponseMetadata"]["HTTPStatusCode"], status)


def client(service):
    return boto3.client(
        service,
        endpoint_url=os.environ["ENDPOINT"],
        region_name="us-east-1",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="example",
        # Refusals are what is looked at here: neither retried nor caught by the client before they are sent.
        config=Config(retries={"total_max_attempts": 1, "mode": "standard"}, parameter_validation=False),
    )


def walk_instances(ec2):
    launched = ec2.run_instances(
        ImageId="ami-0123456789abcdef0",
        MinCount=12,
        MaxCount=12,
        InstanceType="m5.large",
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "mirror", "Value": "gold"}]},
            {"ResourceType": "network-interface", "Tags": [{"Key": "team", "Value": "net"}]},
        ],
    )
    ids = [each["InstanceId"] for each in launched["Instances"]]
    check("a launch makes as many as asked", len(ids), 12)
    check("a launch answers pending", {each["State"]["Name"] for each in launched["Instances"]}, {"pending"})

    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5}))
    seen = [one["InstanceId"] for page in pages for each in page["Reservations"] for one in each["Instances"]]
    check("three pages of five", len(pages), 3)
    check("pages list each instance once", sorted(seen), sorted(ids))

    by_tag = ec2.describe_instances(Filters=[{"Name": "tag:mirror", "Values": ["g?l*"]}])
    found = [one for each in by_tag["Reservations"] for one in each["Instances"]]
    check("a filter with wildcards finds by tag", len(found), 12)
    check("instances come up", {one["State"]["Name"] for one in found}, {"running"})
    check("tags are described", found[0]["Tags"], [{"Key": "mirror", "Value": "gold"}])

    interfaces = ec2.describe_network_interfaces(Filters=[{"Name": "attachment.instance-id", "Values": ids}])
    check("each instance has an interface", len(interfaces["NetworkInterfaces"]), 12)
    check("interfaces carry their own tags", interfaces["NetworkInterfaces"][0]["TagSet"], [{"Key": "team", "Value": "net"}])

    refused("unknown instance", "InvalidInstanceID.NotFound", ec2.describe_instances, 400, InstanceIds=[f"i-{LOST}"])
    refused("malformed instance", "InvalidInstanceID.Malformed", ec2.describe_instances, InstanceIds=["i-x"])
    refused("page size with ids", "InvalidParameterCombination", ec2.describe_instances, InstanceIds=ids[:1], MaxResults=5)
    refused("page size below 5", "InvalidParameterValue", ec2.describe_instances, MaxResults=4)
    refused("page size above 1000", "InvalidParameterValue", ec2.describe_network_interfaces, MaxResults=1001)
    refused("unknown filter", "InvalidParameterValue", ec2.describe_instances, Filters=[{"Name": "bogus", "Values": ["x"]}])
    refused("made-up token", "InvalidNextToken", ec2.describe_instances, NextToken="x")
    refused(
        "too many filter values",
        "FilterLimitExceeded",
        ec2.describe_instances,
        Filters=[{"Name": "instance-id", "Values": [f"i-{number}" for number in range(201)]}],
    )
    refused("dry run", "DryRunOperation", ec2.terminate_instances, 412, InstanceIds=ids[:1], DryRun=True)
    refused("no image", "MissingParameter", ec2.run_instances, MinCount=1, MaxCount=1)
    refused("type of a running instance", "IncorrectInstanceState", ec2.modify_instance_attribute, InstanceId=ids[0], InstanceType={"Value": "c5.large"})

    ec2.create_tags(Resources=ids[:2], Tags=[{"Key": "tier", "Value": "a"}])
    tags = ec2.describe_tags(Filters=[{"Name": "tag:tier", "Values": ["a"]}])["Tags"]
    check("tags are found one by one", sorted(tag["ResourceId"] for tag in tags), sorted(ids[:2]))
    ec2.delete_tags(Resources=ids[:2], Tags=[{"Key": "tier"}])
    check("tags go", ec2.describe_tags(Filters=[{"Name": "key", "Values": ["tier"]}])["Tags"], [])
    refused("reserved tag", "InvalidParameterValue", ec2.create_tags, Resources=ids[:1], Tags=[{"Key": "aws:x", "Value": ""}])
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    refused("a 51st tag", "TagLimitExceeded", ec2.create_tags, Resources=ids[:1], Tags=many)
    return ids, [each["NetworkInterfaceId"] for each in interfaces["NetworkInterfaces"]]


def walk_mirroring(ec2, sources):
    appliance, source, *others = sources
    target = ec2.create_traffic_mirror_target(NetworkInterfaceId=appliance)["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    mirror_filter = ec2.create_traffic_mirror_filter(Description="all")["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    rule = {
        "TrafficMirrorFilterId": mirror_filter,
        "TrafficDirection": "ingress",
        "RuleNumber": 1,
        "RuleAction": "accept",
        "SourceCidrBlock": "0.0.0.0/0",
        "DestinationCidrBlock": "0.0.0.0/0",
    }
    rule_id = ec2.create_traffic_mirror_filter_rule(**rule)["TrafficMirrorFilterRule"]["TrafficMirrorFilterRuleId"]
    refused("rule number twice", "TrafficMirrorFilterRuleAlreadyExists", ec2.create_traffic_mirror_filter_rule, **rule)
    for number in range(2, 11):
        ec2.create_traffic_mirror_filter_rule(**{**rule, "RuleNumber": number})
    refused("an eleventh rule", "TrafficMirrorFilterRuleLimitExceeded", ec2.create_traffic_mirror_filter_rule, **{**rule, "RuleNumber": 11})
    ec2.delete_traffic_mirror_filter_rule(TrafficMirrorFilterRuleId=rule_id)
    ec2.modify_traffic_mirror_filter_network_services(TrafficMirrorFilterId=mirror_filter, AddNetworkServices=["amazon-dns"])
    shown = ec2.describe_traffic_mirror_filters(TrafficMirrorFilterIds=[mirror_filter])["TrafficMirrorFilters"][0]
    check("a filter shows its rules", len(shown["IngressFilterRules"]), 9)
    check("a filter shows its services", shown["NetworkServices"], ["amazon-dns"])

    session = {
        "NetworkInterfaceId": source,
        "TrafficMirrorTargetId": target,
        "TrafficMirrorFilterId": mirror_filter,
        "SessionNumber": 1,
    }
    create = ec2.create_traffic_mirror_session
    made = create(
        **session,
        ClientToken="once",
        TagSpecifications=[{"ResourceType": "traffic-mirror-session", "Tags": [{"Key": "fleet", "Value": "demo"}]}],
    )["TrafficMirrorSession"]
    session_id = made["TrafficMirrorSessionId"]
    check("a session carries its tags", made["Tags"], [{"Key": "fleet", "Value": "demo"}])
    check("a session has a network id", made["VirtualNetworkId"] > 0, True)
    refused("token with other parameters", "IdempotentParameterMismatch", create, **session, ClientToken="once")
    refused("number twice", "InvalidParameterValue", create, **session)
    for number in (0, 32767):
        refused(f"session number {number}", "InvalidParameterValue", create, **{**session, "SessionNumber": number})
    refused("packet length 8501", "InvalidParameterValue", create, **{**session, "SessionNumber": 2, "PacketLength": 8501})
    refused("network id of 25 bits", "InvalidParameterValue", create, **{**session, "SessionNumber": 2, "VirtualNetworkId": 2**24})
    refused("no number", "MissingParameter", create, **{name: value for name, value in session.items() if name != "SessionNumber"})
    refused("target as source", "InterfaceInUseByTrafficMirrorTarget", create, **{**session, "NetworkInterfaceId": appliance})
    refused("source as target", "InterfaceInUseByTrafficMirrorSession", ec2.create_traffic_mirror_target, NetworkInterfaceId=source)
    refused("target twice", "InterfaceInUseByTrafficMirrorTarget", ec2.create_traffic_mirror_target, NetworkInterfaceId=appliance)
    refused("unknown interface", "InvalidNetworkInterfaceID.NotFound", create, **{**session, "NetworkInterfaceId": f"eni-{LOST}"})
    refused("unknown target", "InvalidTrafficMirrorTargetId.NotFound", create, **{**session, "TrafficMirrorTargetId": f"tmt-{LOST}"})
    refused("unknown filter of sessions", "InvalidTrafficMirrorFilterId.NotFound", create, **{**session, "TrafficMirrorFilterId": f"tmf-{LOST}"})
    refused("unknown load balancer", "InvalidNetworkLoadBalancerArn.Malformed", ec2.create_traffic_mirror_target, NetworkLoadBalancerArn="arn:x")
    refused("target in use", "TrafficMirrorTargetInUseException", ec2.delete_traffic_mirror_target, TrafficMirrorTargetId=target)
    refused("filter in use", "TrafficMirrorFilterInUse", ec2.delete_traffic_mirror_filter, TrafficMirrorFilterId=mirror_filter)

    for number in (2, 3):
        create(**{**session, "SessionNumber": number})
    refused("a fourth session", "TrafficMirrorSessionsPerInterfaceLimitExceeded", create, **{**session, "SessionNumber": 4})
    for other in others[:9]:
        create(**{**session, "NetworkInterfaceId": other})
    refused("an eleventh source", "TrafficMirrorSourcesPerTargetLimitExceeded", create, **{**session, "NetworkInterfaceId": others[9]})

    changed = ec2.modify_traffic_mirror_session(
        TrafficMirrorSessionId=session_id, SessionNumber=9, PacketLength=100, Description="changed"
    )["TrafficMirrorSession"]
    check("a session changes", (changed["SessionNumber"], changed["PacketLength"], changed["Description"]), (9, 100, "changed"))
    cleared = ec2.modify_traffic_mirror_session(
        TrafficMirrorSessionId=session_id, RemoveFields=["packet-length", "description"]
    )["TrafficMirrorSession"]
    check("removed fields are gone", "PacketLength" in cleared or "Description" in cleared, False)

    pages = list(ec2.get_paginator("describe_traffic_mirror_sessions").paginate(PaginationConfig={"PageSize": 5}))
    sessions = [each["TrafficMirrorSessionId"] for page in pages for each in page["TrafficMirrorSessions"]]
    check("pages list each session once", (len(sessions), len(set(sessions)), len(pages)), (12, 12, 3))
    by_source = ec2.describe_traffic_mirror_sessions(Filters=[{"Name": "network-interface-id", "Values": [source]}])
    check("sessions are found by source", len(by_source["TrafficMirrorSessions"]), 3)
    refused("a filter by tag", "InvalidParameterValue", ec2.describe_traffic_mirror_sessions, Filters=[{"Name": "tag:fleet", "Values": ["demo"]}])

    for each in sessions:
        ec2.delete_traffic_mirror_session(TrafficMirrorSessionId=each)
    refused("a session twice deleted", "InvalidTrafficMirrorSessionId.NotFound", ec2.delete_traffic_mirror_session, TrafficMirrorSessionId=session_id)
    ec2.delete_traffic_mirror_target(TrafficMirrorTargetId=target)
    ec2.delete_traffic_mirror_filter(TrafficMirrorFilterId=mirror_filter)
    check("nothing is left", ec2.describe_traffic_mirror_targets()["TrafficMirrorTargets"], [])


def main():
    identity = client("sts").get_caller_identity()
    check("STS tells the account", identity["Account"], "123456789012")
    ec2 = client("ec2")
    ids, sources = walk_instances(ec2)
    walk_mirroring(ec2, sources)
    ec2.terminate_instances(InstanceIds=ids)
    states = ec2.describe_instances(InstanceIds=ids)["Reservations"]
    check("instances end", {one["State"]["Name"] for each in states for one in each["Instances"]}, {"terminated"})
    check("their interfaces go", ec2.describe_network_interfaces()["NetworkInterfaces"], [])
    print(f"{len(PASSED)} passed, {len(FAILED)} failed")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
