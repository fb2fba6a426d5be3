"""What runs beside Studio: training pipelines, the model registry, endpoints."""
