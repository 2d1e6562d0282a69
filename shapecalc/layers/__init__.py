"""What the layers of all frameworks share, and a package for each framework."""
