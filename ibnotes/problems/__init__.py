"""What is to be solved: instances, networks, and their validation. Imports nothing above it."""
