"""Which entries no longer hold: evidence from the project, and the verdict that it comes to.

Pure: what git, the manifests and the memory's history know comes in as data (`facts`), so the
same facts always give the same verdicts.
"""
