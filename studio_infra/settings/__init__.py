"""What a platform team writes: TOML settings and a CSV roster, checked before CDK starts. No CDK here."""
