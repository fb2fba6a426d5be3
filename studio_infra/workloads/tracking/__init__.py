"""Experiment tracking: MLflow, as a serverless app or as a server."""
