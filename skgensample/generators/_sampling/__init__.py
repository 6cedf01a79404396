"""From a trained network to rows of a class."""
