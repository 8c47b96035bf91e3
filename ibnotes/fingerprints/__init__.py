"""What an optimizer does to the solution: its symmetries, its norm, its decay, its epsilon, measured on a bench."""
