"""The grader's side of the problem sets; nothing here is released."""
