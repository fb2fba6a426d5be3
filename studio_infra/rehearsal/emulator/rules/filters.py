"""List filters whose names do not tell what they compare."""

from __future__ import annotations

from typing import Final

#: Operation and the filter's name without its ending: the member of the record.
MEMBERS: Final = {
    ("ListStudioLifecycleConfigs", "AppType"): "StudioLifecycleConfigAppType",
    ("ListEndpoints", "Name"): "EndpointName",
    ("ListImageVersions", "ImageName"): "ImageName",
    ("ListPipelines", "PipelineNamePrefix"): "PipelineName",
    ("ListModelPackages", "ModelPackageGroupName"): "ModelPackageGroupName",
    ("ListModelPackages", "ModelApprovalStatus"): "ModelApprovalStatus",
    ("ListNotebookInstances", "DefaultCodeRepository"): "DefaultCodeRepository",
    ("ListNotebookInstances", "NotebookInstanceLifecycleConfigName"): "NotebookInstanceLifecycleConfigName",
    ("ListTrials", "ExperimentName"): "ExperimentName",
}

#: What "name" means where it is not the identity.
NAMES: Final = {"Domain": "DomainName"}

#: The page size where the documentation names none.
PAGE: Final = 100
