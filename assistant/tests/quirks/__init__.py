"""What public reports say that endpoints do, one row a quirk: the report, the shape as it was recorded, and what must
come of it. The shapes are the reports', their tools and words ours.
"""
