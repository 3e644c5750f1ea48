"""Two instances behind one front, and the suite of the apps sent through them: what one process knows alone is found
out. Nothing of the tests is another there but the way of their requests.
"""
