"""Sequential trees: codes of columns, bagged trees, values of leaves; NumPy and scikit-learn."""
