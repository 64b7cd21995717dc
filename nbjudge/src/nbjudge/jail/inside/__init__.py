"""What runs inside the jail: standard library only at import, so that a cold start stays quick. Holds no answers."""
