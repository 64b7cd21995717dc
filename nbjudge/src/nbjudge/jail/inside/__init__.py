"""What runs inside the jail: standard library only at import, so that a cold start stays quick. Holds no answers.

Kernels have it as the package `nbjudge_inside`, by itself: its imports are relative, and it imports nothing else of nbjudge.
"""
