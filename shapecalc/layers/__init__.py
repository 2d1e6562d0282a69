"""The foundation of the layers of all dialects; one package for each framework."""
