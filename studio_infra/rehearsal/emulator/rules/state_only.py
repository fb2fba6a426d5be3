"""Types whose properties are kept and whose effect is not emulated. Each use is noted and shown.

Nothing that gives or takes permissions is here: a policy that is kept and not enforced would prove what is
not so.
"""

from __future__ import annotations

from typing import Final

#: Whole families of types.
FAMILIES: Final = (
    "AWS::Backup::",
    "AWS::Budgets::BudgetsAction",
    "AWS::CE::",
    "AWS::Chatbot::",
    "AWS::CloudWatch::",
    "AWS::CodeCommit::",
    "AWS::CodePipeline::",
    "AWS::CodeStarNotifications::",
    "AWS::Config::",
    "AWS::DLM::",
    "AWS::DataZone::",
    "AWS::Detective::",
    "AWS::EC2::",
    "AWS::EventSchemas::",
    "AWS::Events::",
    "AWS::FSx::DataRepositoryAssociation",
    "AWS::FSx::FileSystem",
    "AWS::GuardDuty::",
    "AWS::InternetMonitor::",
    "AWS::Logs::",
    "AWS::RAM::",
    "AWS::ResourceGroups::",
    "AWS::Route53Resolver::",
    "AWS::SSMContacts::",
    "AWS::SSMIncidents::",
    "AWS::SSO::ApplicationAssignment",
    "AWS::SageMaker::",
    "AWS::ServiceCatalog::",
    "AWS::ServiceCatalogAppRegistry::",
    "AWS::Synthetics::",
    "AWS::XRay::",
)

#: What the ids of a type begin with, where another type takes them and looks at how they are written.
PREFIXES: Final = {"AWS::FSx::DataRepositoryAssociation": "dra-", "AWS::FSx::FileSystem": "fs-"}

#: Types in those families that decide who may do what.
REFUSED: Final = (
    "AWS::Backup::BackupVaultPolicy",
    "AWS::CE::AnomalySubscriptionPolicy",
    "AWS::EC2::VPCEndpointServicePermissions",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::NetworkAclEntry",
    "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::VerifiedAccess",
    "AWS::Events::EventBusPolicy",
    "AWS::Logs::AccountPolicy",
    "AWS::RAM::",
    "AWS::SageMaker::Device",
)
