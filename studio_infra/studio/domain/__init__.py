"""The domain, and the settings that it hands to everybody."""
