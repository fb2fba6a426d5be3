"""What IAM is asked for a SageMaker call, after the Service Authorization Reference."""

from __future__ import annotations

from typing import Final

#: Operations whose resource is not their own kind's: the kind it is.
RESOURCE_OF: Final = {
    "CreatePresignedDomainUrl": "UserProfile",
    "CreatePresignedMlflowTrackingServerUrl": "MlflowTrackingServer",
    "CreatePresignedNotebookInstanceUrl": "NotebookInstance",
    "CreateImageVersion": "Image",
    "DescribePipelineDefinitionForExecution": "PipelineExecution",
    "InvokeEndpoint": "Endpoint",
    "ListImageVersions": "Image",
    "ListPipelineExecutionSteps": "PipelineExecution",
    "ListPipelineExecutions": "Pipeline",
    "ListPipelineParametersForExecution": "PipelineExecution",
    "StartPipelineExecution": "Pipeline",
    "StopPipelineExecution": "PipelineExecution",
    "UpdateEndpointWeightsAndCapacities": "Endpoint",
    "UpdateInferenceComponentRuntimeConfig": "InferenceComponent",
}

#: Operations that need a second resource, too.
ALSO_ON: Final = {
    "CreateEndpoint": ("EndpointConfig",),
    "UpdateEndpoint": ("EndpointConfig",),
    "CreateInferenceComponent": ("Endpoint",),
    "CreateTrial": ("Experiment",),
    "CreateModelPackage": ("ModelPackageGroup",),
}

#: Condition keys with one value: where it stands in the request, the first that is found.
SINGLE: Final = {
    "sagemaker:AppNetworkAccessType": ("AppNetworkAccessType",),
    "sagemaker:DirectInternetAccess": ("DirectInternetAccess",),
    "sagemaker:EnableRemoteDebug": ("RemoteDebugConfig.EnableRemoteDebug",),
    "sagemaker:FileSystemAccessMode": (
        "InputDataConfig[].DataSource.FileSystemDataSource.FileSystemAccessMode",
    ),
    "sagemaker:FileSystemDirectoryPath": ("InputDataConfig[].DataSource.FileSystemDataSource.DirectoryPath",),
    "sagemaker:FileSystemId": ("InputDataConfig[].DataSource.FileSystemDataSource.FileSystemId",),
    "sagemaker:FileSystemType": ("InputDataConfig[].DataSource.FileSystemDataSource.FileSystemType",),
    "sagemaker:HomeEfsFileSystemKmsKey": ("HomeEfsFileSystemKmsKeyId",),
    "sagemaker:InterContainerTrafficEncryption": (
        "EnableInterContainerTrafficEncryption",
        "NetworkConfig.EnableInterContainerTrafficEncryption",
    ),
    "sagemaker:KeepAlivePeriod": ("ResourceConfig.KeepAlivePeriodInSeconds",),
    "sagemaker:MaxRuntimeInSeconds": ("StoppingCondition.MaxRuntimeInSeconds",),
    "sagemaker:ModelApprovalStatus": ("ModelApprovalStatus",),
    "sagemaker:NetworkIsolation": ("EnableNetworkIsolation", "NetworkConfig.EnableNetworkIsolation"),
    "sagemaker:OutputKmsKey": (
        "OutputDataConfig.KmsKeyId",
        "ProcessingOutputConfig.KmsKeyId",
        "TransformOutput.KmsKeyId",
    ),
    "sagemaker:RemoteAccess": ("SpaceSettings.RemoteAccess",),
    "sagemaker:RootAccess": ("RootAccess",),
    "sagemaker:ServerlessMaxConcurrency": ("ProductionVariants[].ServerlessConfig.MaxConcurrency",),
    "sagemaker:ServerlessMemorySize": ("ProductionVariants[].ServerlessConfig.MemorySizeInMB",),
}

#: Keys for the storage of a job or an instance, where the API's name differs by operation.
VOLUME_KEY: Final = {
    "CreateDomain": "KmsKeyId",
    "CreateEndpointConfig": "KmsKeyId",
    "CreateNotebookInstance": "KmsKeyId",
    "CreateProcessingJob": "ProcessingResources.ClusterConfig.VolumeKmsKeyId",
    "CreateTrainingJob": "ResourceConfig.VolumeKmsKeyId",
    "CreateTransformJob": "TransformResources.VolumeKmsKeyId",
}

#: Condition keys with several values: the members that give them, wherever they stand.
MULTIPLE: Final = {
    "sagemaker:AcceleratorTypes": frozenset({"AcceleratorType", "AcceleratorTypes"}),
    "sagemaker:ImageArns": frozenset({"SageMakerImageArn"}),
    "sagemaker:ImageVersionArns": frozenset({"SageMakerImageVersionArn"}),
    "sagemaker:InstanceTypes": frozenset({"InstanceType"}),
    "sagemaker:StudioLifecycleConfigArns": frozenset({"LifecycleConfigArn", "LifecycleConfigArns"}),
    "sagemaker:VpcSecurityGroupIds": frozenset({"SecurityGroupIds", "SecurityGroups"}),
    "sagemaker:VpcSubnets": frozenset({"SubnetId", "SubnetIds", "Subnets"}),
}

#: Members that hand a role to SageMaker: the caller must be allowed to pass it.
PASSED_ROLES: Final = frozenset({"ExecutionRole", "ExecutionRoleArn", "RoleArn", "DomainExecutionRoleArn"})

#: Actions that carry who owns a space and how it is shared.
SPACE_ACTIONS: Final = frozenset({"CreateApp", "CreateSpace", "DeleteApp", "DeleteSpace", "UpdateSpace"})
