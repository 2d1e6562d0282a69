"""What the layers of all dialects share; one package for each framework."""
