"""How a call of the SageMaker API is understood, allowed and answered."""
