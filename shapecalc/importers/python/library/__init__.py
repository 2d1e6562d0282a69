"""What is known about libraries: a file for each, or for each part of a large one."""
