"""What jobs that people start by hand need, and how the SageMaker SDK learns of it."""
