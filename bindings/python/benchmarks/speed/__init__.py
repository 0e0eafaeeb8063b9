"""How long decisions, travel times, simulations and trainings take."""
