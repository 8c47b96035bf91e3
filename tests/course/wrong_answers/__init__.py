"""Wrong answers to the problem sets: for each problem, what a student might plausibly write in its solution cell.

``WRONG`` maps the problem's id to named cells. At least one for each problem must pass the tests that students see.
"""
