"""Models: features in, decided and explained labels out."""
