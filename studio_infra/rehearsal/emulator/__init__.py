"""What runs inside the server process: MiniStack, and the SageMaker that it lacks.

The API is generated from botocore's service model, the CloudFormation types from the registry schemas. By
hand come only the rules that hurt in production, as small tables in ``rules/``. ``hooks`` alone knows
MiniStack's private names.
"""
