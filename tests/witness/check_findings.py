"""Judges findings by software that carries their schemas: `check_findings.py asff|ocsf FILE`; the first complaint ends it."""
import json
import sys


def check_asff(findings):
    """Security Hub's own API model, as AWS ships it in botocore: required members, types, and the call's 100."""
    import botocore.session
    from botocore.validate import ParamValidator

    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    for start in range(0, len(findings), 100):
        report = ParamValidator().validate({"Findings": findings[start : start + 100]}, shape)
        if report.has_errors():
            sys.exit(report.generate_report())


def check_ocsf(findings):
    """The models of OCSF that Prowler emits its findings with."""
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

    for finding in findings:
        ComplianceFinding.model_validate(finding)


with open(sys.argv[2], encoding="utf8") as file:
    found = json.load(file)
{"asff": check_asff, "ocsf": check_ocsf}[sys.argv[1]](found)
print(len(found))
