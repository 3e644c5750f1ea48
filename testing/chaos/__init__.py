"""What the service does when something around it fails: real processes, measured and held to what is wanted.

``make chaos`` runs all of it and prints the table that stands in ``deploy/RESILIENCE.md``.
"""
