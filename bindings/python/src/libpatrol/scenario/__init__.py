"""What is simulated: a city, its fleet and its calls, from a file or from arrays."""
