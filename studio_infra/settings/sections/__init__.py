"""The sections of a settings file, one module each: what may be written in it, and what within it disagrees."""
