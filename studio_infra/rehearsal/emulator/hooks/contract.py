"""Every private name of MiniStack that the hooks use. A test keeps the list and the code the same."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Final

PINNED: Final = "1.5.33"

_CFN: Final = "ministack.services.cloudformation"

#: Module: the names that must be there, and what they must be.
NAMES: Final[dict[str, dict[str, str]]] = {
    "ministack.app": {
        "SERVICE_HANDLERS": "dict",
        "SERVICE_REGISTRY": "dict",
        "_loaded_modules": "dict",
        "_state_map": "dict",
        "app": "function",
    },
    "ministack.core.iam_actions": {
        "SERVICE_TO_IAM_NAMESPACE": "dict",
        "_BOTOCORE_SERVICE_MAP": "dict",
        "access_denied_response": "function",
        "extract_resource_arn": "function",
        "identity_denial_message": "function",
    },
    "ministack.core.iam_evaluator": {
        "EvalContext": "type",
        "_first_match": "function",
        "_principal_keys": "function",
        "_resolve_condition_key": "function",
        "enforce": "function",
        "evaluate_trust_policy": "function",
    },
    "ministack.core.responses": {
        "AccountRegionScopedDict": "type",
        "get_account_id": "function",
        "get_region": "function",
        "request_scope": "function",
    },
    "ministack.core.router": {"SERVICE_PATTERNS": "dict"},
    "ministack.services.backup": {"_jobs": "AccountRegionScopedDict", "_resolve_resource": "function"},
    "ministack.services.cloudwatch": {
        "_alarms": "AccountRegionScopedDict",
        "_composite_alarms": "AccountRegionScopedDict",
    },
    "ministack.services.ec2": {
        "_ACTION_MAP": "dict",
        "_addresses": "AccountRegionScopedDict",
        "_ensure_defaults_initialized": "function",
        "_error": "function",
        "_internet_gateways": "AccountRegionScopedDict",
        "_nat_gateways": "AccountRegionScopedDict",
        "_network_interfaces": "AccountRegionScopedDict",
        "_new_sg_id": "function",
        "_p": "function",
        "_security_groups": "AccountRegionScopedDict",
        "_subnet_fields_xml": "function",
        "_subnets": "AccountRegionScopedDict",
        "_vpc_endpoints": "AccountRegionScopedDict",
        "_vpc_fields_xml": "function",
        "_vpcs": "AccountRegionScopedDict",
        "get_account_id": "function",
    },
    "ministack.services.efs": {
        "_create_file_system": "function",
        "_create_mount_target": "function",
        "_delete_file_system": "function",
        "_delete_mount_target": "function",
        "_file_systems": "AccountRegionScopedDict",
        "_mount_targets": "AccountRegionScopedDict",
    },
    "ministack.services.iam": {"_boundary_policy_error": "function", "_roles": "AccountScopedDict"},
    "ministack.services.lambda_svc": {
        "_execute_function_with_config_scope": "function",
        "_execution_record_for_config": "function",
        "_get_func_record_for_ref": "function",
    },
    "ministack.services.s3": {"_bucket_tags": "AccountScopedDict"},
    "ministack.services.sns": {"publish_internal": "function"},
    "ministack.services.sts": {
        "_gen_secret": "function",
        "_gen_session_access_key": "function",
        "_gen_session_token": "function",
        "_sessions": "dict",
        "handle_request": "function",
        "register_session": "function",
    },
    "ministack.services.tagging": {"_COLLECTORS": "dict"},
    f"{_CFN}.changesets": {"_IMPORT_LOOKUPS": "dict"},
    f"{_CFN}.drift": {"_DRIFT_READERS": "dict"},
    f"{_CFN}.provisioners": {
        "_CONDITIONALLY_REPLACING_PROPERTIES": "dict",
        "_CUSTOM_NAME_REPLACEMENT": "dict",
        "_REPLACING_PROPERTIES": "dict",
        "_RESOURCE_HANDLERS": "dict",
        "_STACK_TAG_PROPERTY": "dict",
        "_custom_named_replacement_error": "function",
        "_ec2_apply_tags": "function",
        "_ec2_sg_permissions": "function",
        "_physical_name": "function",
        "_replace_resource": "function",
    },
    f"{_CFN}.stacks": {"_runs_on_worker_thread": "function"},
}


def broken() -> list[str]:
    """What is not as it was in the pinned version; nothing when all is well."""
    found = importlib.metadata.version("ministack")
    problems = [] if found == PINNED else [f"this is ministack {found}"]
    for module_name, names in NAMES.items():
        try:
            module = importlib.import_module(module_name)
        except ImportError:
            problems.append(f"{module_name} is gone")
            continue
        for name, wanted in names.items():
            kind = type(getattr(module, name, None)).__name__
            if kind != wanted:
                problems.append(f"{module_name}.{name} is {kind}, not {wanted}")
    return problems


def check() -> None:
    """End the start with a sentence if something is not as it was.

    Raises:
        SystemExit: It is not.

    """
    problems = broken()
    if problems:
        raise SystemExit(
            f"the emulator knows the insides of ministack {PINNED} only: {'; '.join(problems)}; "
            f"install ministack=={PINNED}"
        )
