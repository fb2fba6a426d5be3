"""Deployment units: wiring only, no property of any resource."""
