"""What a run does: descent, optimizers, flows. Imports the problems, never the theory."""
